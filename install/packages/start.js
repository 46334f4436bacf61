#!/usr/bin/env node
'use strict'
// Starts the git-bak of this platform's package. The hooks that it installs name that program, and start no Node.

const { spawn } = require('child_process')

const name = `@git-bak/${process.platform}-${process.arch}`
let program
try {
  program = require.resolve(`${name}/bin/git-bak${process.platform === 'win32' ? '.exe' : ''}`)
} catch {
  console.error(`git-bak x ${name} is not installed: npm left it out (--omit=optional), or there is none for this platform`)
  process.exit(3)
}
const child = spawn(program, process.argv.slice(2), { stdio: 'inherit' })
// The terminal sends these to both: the program ends in its own way, having put back what it must, and then this does.
for (const signal of ['SIGINT', 'SIGQUIT', 'SIGHUP']) process.on(signal, () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('error', (error) => {
  console.error(`git-bak x ${program} can't be started: ${error.message}`)
  process.exit(3)
})
child.on('exit', (status, signal) => {
  if (!signal) process.exit(status)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})
