//! Several actors, of which one moves at a time: each a command with all that it starts. All stand still before their next call
//! that others could see; who moves next is the caller's choice, and nobody else's.
//!
//! What would be another in every run is the same: random bytes come from here, and nobody really sleeps. A call that
//! blocks (a pipe, a child, a lock) has its actor wait until another's move has ended that.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::Command;

use libc::{c_int, pid_t};

use super::calls::{self, Call, Sort, touched};
use super::system::{self, Event};

/// Where everybody stops.
#[derive(Debug, Clone)]
pub enum Points {
    /// Before whatever changes something.
    Changes,
    /// Before whatever reads or changes anything.
    All,
    /// Before whatever is about one of these paths, in their normal form.
    On(BTreeSet<String>),
}

/// What happens at a call in place of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The actor dies, with all that it has started.
    KillAll,
    /// The process dies that was about to make the call.
    Kill,
    /// The call fails.
    Fails(c_int),
    /// Half of the bytes are written.
    Short,
}

/// What a rule makes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Goes,
    /// It isn't made, and this is what comes of it.
    Returns(i64),
}

/// Somebody who looks at, or tampers with, each call before it is made; the path is that of the simulated folder.
pub type Rule<'a> = Box<dyn FnMut(&Step, &Call, pid_t) -> Verdict + 'a>;

/// Somebody who is told what came of each call that was made.
pub type Watch<'a> = Box<dyn FnMut(&Step, &Call, pid_t, i64) + 'a>;

/// One call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub actor: usize,
    /// By git-bak, or by what it has started.
    pub ours: bool,
    pub sort: Sort,
    /// In its normal form.
    pub what: String,
    /// The paths that it reads or changes.
    pub about: Vec<String>,
}

pub struct Task {
    pub actor: usize,
    pub ours: bool,
    pub at: Option<Call>,
    /// Its first stop is still to come.
    pub is_new: bool,
}

pub struct Actor {
    pub root: pid_t,
    pub status: Option<c_int>,
    /// It sleeps until another moves.
    naps: bool,
    pub chance: u64,
    out: [File; 2],
}

impl Actor {
    /// What it has printed.
    pub fn said(&self) -> String {
        let mut text = Vec::new();
        for mut file in &self.out {
            file.rewind().unwrap();
            file.read_to_end(&mut text).unwrap();
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

pub struct World<'a> {
    pub(super) root: PathBuf,
    pub(super) points: Points,
    pub actors: Vec<Actor>,
    /// By number, in the order in which they were made.
    pub(super) tasks: Vec<(pid_t, Task)>,
    /// Those of whom their parents haven't told yet.
    pub(super) early: BTreeSet<pid_t>,
    pub trace: Vec<Step>,
    pub rule: Option<Rule<'a>>,
    pub after: Option<Watch<'a>>,
}

impl<'a> World<'a> {
    pub fn new(root: &Path, points: Points) -> Self {
        let (root, actors, tasks) = (root.to_owned(), Vec::new(), Vec::new());
        let (trace, early) = (Vec::new(), BTreeSet::new());
        Self { root, points, actors, tasks, early, trace, rule: None, after: None }
    }

    /// Starts an actor, up to its first call.
    pub fn start(&mut self, command: &Command) {
        let number = self.actors.len();
        let out = [(); 2].map(|()| tempfile::tempfile().unwrap());
        let looks = !matches!(self.points, Points::Changes);
        let root = system::start(command, &calls::list(looks), &out[0], &out[1]).unwrap();
        let chance = 0x9e37_79b9 + number as u64;
        self.actors.push(Actor { root, status: None, naps: false, chance, out });
        self.tasks.push((root, Task { actor: number, ours: false, at: None, is_new: false }));
        self.settle();
    }

    /// Who can move: those that sleep only if nobody else can.
    pub fn ready(&self) -> Vec<usize> {
        let at_point = |actor: &usize| self.waiting(*actor).is_some();
        let all: Vec<usize> = (0..self.actors.len()).filter(at_point).collect();
        let awake: Vec<usize> =
            all.iter().copied().filter(|actor| !self.actors[*actor].naps).collect();
        if awake.is_empty() { all } else { awake }
    }

    fn waiting(&self, actor: usize) -> Option<usize> {
        self.tasks.iter().position(|(_, task)| task.actor == actor && task.at.is_some())
    }

    /// Lets an actor make its next call, or has that fail.
    pub fn step(&mut self, actor: usize, fault: Option<Fault>) {
        let Some(at) = self.waiting(actor) else { return };
        let pid = self.tasks[at].0;
        let task = &mut self.tasks[at].1;
        let call = task.at.take().unwrap();
        let step = task.step(&call);
        let alone = self.ready_but(actor);
        self.trace.push(step.clone());
        for (number, other) in self.actors.iter_mut().enumerate() {
            other.naps = number == actor && call.sort == Sort::Sleeps;
        }
        let verdict = match fault {
            Some(Fault::KillAll) => return self.kill(actor),
            Some(Fault::Kill) => return self.end(|other| other == pid, actor),
            Some(Fault::Fails(error)) => Verdict::Returns(-i64::from(error)),
            Some(Fault::Short) => {
                let mut registers = call.registers;
                registers.rdx = registers.rdx.div_ceil(2);
                system::set_registers(pid, &registers);
                Verdict::Goes
            }
            // Time passes if nobody else can use it.
            None if call.sort == Sort::Sleeps && !alone => Verdict::Returns(0),
            None => self.rule.as_mut().map_or(Verdict::Goes, |rule| rule(&step, &call, pid)),
        };
        match verdict {
            Verdict::Returns(result) => {
                let mut registers = call.registers;
                (registers.orig_rax, registers.rax) = (u64::MAX, result.cast_unsigned());
                system::set_registers(pid, &registers);
                system::go(pid, false, 0);
            }
            Verdict::Goes if self.after.is_some() => self.make(pid, &step, &call),
            Verdict::Goes => system::go(pid, false, 0),
        }
        self.settle();
    }

    /// Makes the call and tells what came of it.
    fn make(&mut self, pid: pid_t, step: &Step, call: &Call) {
        system::go(pid, true, 0);
        loop {
            match system::next() {
                Some((other, Event::Done)) if other == pid => break,
                Some((other, event)) => {
                    self.heed(other, event);
                    if matches!(event, Event::Gone(_)) && other == pid {
                        return;
                    }
                }
                None => std::thread::yield_now(),
            }
        }
        let result = system::registers(pid).map_or(-1, |it| it.rax.cast_signed());
        if let Some(after) = &mut self.after {
            after(step, call, pid, result);
        }
        system::go(pid, false, 0);
    }

    fn ready_but(&self, actor: usize) -> bool {
        !(0..self.actors.len()).any(|other| other != actor && self.waiting(other).is_some())
    }

    /// The actor dies, with all that it has started.
    pub fn kill(&mut self, actor: usize) {
        let of_it: Vec<pid_t> =
            self.tasks.iter().filter(|(_, it)| it.actor == actor).map(|(pid, _)| *pid).collect();
        self.end(|pid| of_it.contains(&pid), actor);
    }

    fn end(&mut self, dies: impl Fn(pid_t) -> bool, actor: usize) {
        let dead = self.tasks.iter().filter(|(pid, _)| dies(*pid)).map(|(pid, _)| *pid);
        dead.for_each(system::kill);
        self.actors[actor].naps = false;
        while self.tasks.iter().any(|(pid, _)| dies(*pid)) {
            match system::next() {
                Some((pid, event)) => self.heed(pid, event),
                None => std::thread::yield_now(),
            }
        }
        self.settle();
    }

    /// Whether all actors have ended, with all that they have started.
    pub fn is_over(&self) -> bool {
        self.tasks.is_empty()
    }
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        (0..self.actors.len()).for_each(|actor| self.kill(actor));
    }
}

impl Task {
    fn step(&self, call: &Call) -> Step {
        Step {
            actor: self.actor,
            ours: self.ours,
            sort: call.sort,
            what: call.normal(),
            about: touched(call),
        }
    }
}
