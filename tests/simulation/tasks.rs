//! What becomes of each process that is followed, until all stand still.

use std::fs::{self, File};
use std::process::Command;
use std::time::{Duration, Instant};

use libc::pid_t;

use super::calls::{self, Call, Sort, touched};
use super::system::{self, Event};
use super::world::{Points, Task, World};

const HANGS: Duration = Duration::from_secs(20);

impl World<'_> {
    /// Waits until nobody moves any more: each stands before a call, or waits in the kernel.
    pub(super) fn settle(&mut self) {
        let (mut quiet, mut missed, began) = (0, 0, Instant::now());
        while quiet < 3 {
            if let Some((pid, event)) = system::next() {
                self.heed(pid, event);
                (quiet, missed) = (0, 0);
                continue;
            }
            missed += 1;
            let mut others = self.tasks.iter().filter(|(_, task)| task.at.is_none()).peekable();
            if others.peek().is_none() {
                return;
            } else if missed < 8 {
                // It will be heard of in a moment.
                std::thread::yield_now();
            } else if others.all(|(pid, _)| waits(*pid)) {
                quiet += 1;
            } else {
                (quiet, missed) = (0, 0);
            }
            let pids = || self.tasks.iter().map(|(pid, _)| *pid).collect::<Vec<_>>();
            assert!(began.elapsed() < HANGS, "they don't come to rest: {:?}", pids());
        }
    }

    pub(super) fn heed(&mut self, pid: pid_t, event: Event) {
        let Some(at) = self.tasks.iter().position(|(other, _)| *other == pid) else {
            // Its parent is still to tell of it.
            self.early.insert(pid);
            return;
        };
        match event {
            Event::Call => return self.meet(at),
            Event::Child(child) => {
                let (actor, ours) = (self.tasks[at].1.actor, self.tasks[at].1.ours);
                let is_new = !self.early.remove(&child);
                self.tasks.push((child, Task { actor, ours, at: None, is_new }));
                if !is_new {
                    system::go(child, false, 0);
                }
            }
            Event::Exec => {
                let ours = fs::read_link(format!("/proc/{pid}/exe"));
                self.tasks[at].1.ours |= ours.is_ok_and(|exe| exe.ends_with("git-bak"));
            }
            Event::Signal(libc::SIGSTOP) if self.tasks[at].1.is_new => {
                self.tasks[at].1.is_new = false;
            }
            Event::Signal(signal) => return system::go(pid, false, signal),
            Event::Gone(status) => {
                let (pid, task) = self.tasks.remove(at);
                let actor = &mut self.actors[task.actor];
                if pid == actor.root {
                    actor.status = Some(status);
                }
                return;
            }
            Event::Done | Event::Other => {}
        }
        system::go(pid, false, 0);
    }

    /// A process is about to make a call: it waits for its turn, or goes on if nobody could see it.
    fn meet(&mut self, at: usize) {
        let pid = self.tasks[at].0;
        let Some(call) = calls::read(pid, &self.root) else { return system::go(pid, false, 0) };
        if call.sort == Sort::Random {
            let actor = self.tasks[at].1.actor;
            return self.give_chance(pid, actor, &call);
        }
        let is_point = match &self.points {
            _ if call.sort == Sort::Sleeps => true,
            Points::Changes => call.sort != Sort::Reads,
            Points::All => true,
            Points::On(paths) => touched(&call).iter().any(|path| {
                // Whoever lists a folder meets whoever is about a file in it.
                let folder = path.rsplit_once('/').map(|(folder, _)| format!("{folder}/"));
                paths.contains(path) || folder.is_some_and(|folder| paths.contains(&folder))
            }),
        };
        if is_point {
            self.tasks[at].1.at = Some(call);
        } else {
            system::go(pid, false, 0);
        }
    }

    /// Random bytes, the same in every run.
    fn give_chance(&mut self, pid: pid_t, actor: usize, call: &Call) {
        let length = usize::try_from(call.argument(1)).unwrap();
        let state = &mut self.actors[actor].chance;
        let mut byte = || {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (*state >> 33) as u8
        };
        let bytes: Vec<u8> = (0..length).map(|_| byte()).collect();
        system::write(pid, call.argument(0), &bytes);
        let mut registers = call.registers;
        (registers.orig_rax, registers.rax) = (u64::MAX, length as u64);
        system::set_registers(pid, &registers);
        system::go(pid, false, 0);
    }
}

/// Whether a process waits in the kernel for another one.
fn waits(pid: pid_t) -> bool {
    // Reading, writing, polling, sleeping, locks; for a child, or in `vfork` until it is another program.
    const BLOCKING: [&str; 20] = [
        "0", "1", "7", "23", "35", "45", "47", "56", "58", "61", "73", "128", "130", "202", "230",
        "232", "247", "270", "271", "435",
    ];
    let read = |what: &str| fs::read_to_string(format!("/proc/{pid}/{what}")).unwrap_or_default();
    let (stat, call) = (read("stat"), read("syscall"));
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    let call = call.split_whitespace().next().unwrap_or_default();
    matches!(state, Some('S' | 'D')) && BLOCKING.contains(&call)
}

/// Whether this system lets us follow a process.
pub fn can_follow() -> bool {
    let null = || File::open("/dev/null").unwrap();
    let mut command = Command::new("/bin/true");
    command.current_dir("/");
    let Ok(pid) = system::start(&command, &calls::list(false), &null(), &null()) else {
        return false;
    };
    system::kill(pid);
    while !matches!(system::next(), Some((other, Event::Gone(_))) if other == pid) {}
    true
}
