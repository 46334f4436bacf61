//! One run: who moves when, who dies where, which call fails; as a script that can be printed, read and repeated.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use super::scenes::{Scene, Words};
use super::world::{Fault, Points, Rule, Step, World};

/// What the words of a script mean may change with the code around it.
const VERSION: &str = "v1";

/// So many calls of an actor, and what happens to its next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    pub actor: usize,
    pub calls: usize,
    pub fault: Option<Fault>,
}

/// Turns in their order. After them the actors go on to their ends, in the order of their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script(pub Vec<Turn>);

/// What came of a run.
pub struct Ran {
    pub trace: Vec<Step>,
    pub status: Vec<Option<i32>>,
    pub said: Vec<String>,
    /// Somebody was killed, or a call failed.
    pub harmed: bool,
    /// An actor died with all that it had started.
    pub killed: bool,
}

impl Script {
    /// Runs the actors in the scene, from its beginning.
    pub fn run(
        &self,
        scene: &Scene,
        actors: &[Words],
        points: &Points,
        rule: Option<Rule<'_>>,
    ) -> Ran {
        scene.reset();
        let mut world = World::new(&scene.root(), points.clone());
        world.rule = rule;
        actors.iter().for_each(|words| world.start(&scene.command(words)));
        for turn in &self.0 {
            turn.take(&mut world);
        }
        finish(&mut world);
        Ran {
            trace: std::mem::take(&mut world.trace),
            status: world.actors.iter().map(|actor| actor.status).collect(),
            said: world.actors.iter().map(super::world::Actor::said).collect(),
            killed: self.0.iter().any(|turn| turn.fault == Some(Fault::KillAll)),
            harmed: self.0.iter().any(|turn| turn.fault.is_some()),
        }
    }

    /// The shortest one found that fails as well: turns and faults are left out, one after the other.
    pub fn shrunk(&self, fails: &dyn Fn(&Self) -> bool) -> Self {
        let mut best = self.clone();
        let mut at = 0;
        while at < best.0.len() {
            let mut shorter = best.clone();
            shorter.0.remove(at);
            if fails(&shorter) { best = shorter } else { at += 1 }
        }
        best
    }
}

impl Turn {
    fn take(self, world: &mut World<'_>) {
        for _ in 0..self.calls {
            if !world.ready().contains(&self.actor) {
                break;
            }
            world.step(self.actor, None);
        }
        if self.fault.is_some() && world.ready().contains(&self.actor) {
            world.step(self.actor, self.fault);
        }
    }
}

/// Where two meet: before calls about the paths that one changes and the other reads or changes, when each runs by itself; and
/// how many such calls each makes. Whoever is alone meets others in all that it changes.
pub fn meeting(scene: &Scene, actors: &[Words]) -> (Points, Vec<usize>) {
    let of = |words: &Words, points: &Points| {
        Script::default().run(scene, &[*words], points, None).trace
    };
    let points = match actors {
        [one, other] => Points::On(super::shared(&of(one, &Points::All), &of(other, &Points::All))),
        _ => Points::Changes,
    };
    let lengths = actors.iter().map(|words| of(words, &points).len()).collect();
    (points, lengths)
}

/// Each goes on as far as it can, the first one first.
pub fn finish(world: &mut World<'_>) {
    let mut moved = Instant::now();
    while !world.is_over() {
        if let Some(actor) = world.ready().first() {
            world.step(*actor, None);
            moved = Instant::now();
        } else {
            assert!(moved.elapsed() < Duration::from_secs(20), "nobody moves any more");
            std::thread::sleep(Duration::from_micros(200));
            world.settle();
        }
    }
}

impl fmt::Display for Script {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{VERSION}")?;
        for turn in &self.0 {
            write!(to, " {}:{}", turn.actor, turn.calls)?;
            match turn.fault {
                None => {}
                Some(Fault::KillAll) => write!(to, "!killed")?,
                Some(Fault::Kill) => write!(to, "!dies")?,
                Some(Fault::Short) => write!(to, "!short")?,
                Some(Fault::Fails(error)) => write!(to, "!{error}")?,
            }
        }
        Ok(())
    }
}

impl FromStr for Script {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        match words.next() {
            Some(VERSION) => {}
            other => return Err(format!("a script of {VERSION} is asked for, not {other:?}")),
        }
        let turn = |word: &str| {
            let (counts, fault) = word.split_once('!').map_or((word, None), |(a, b)| (a, Some(b)));
            let (actor, calls) = counts.split_once(':')?;
            let fault = match fault {
                None => None,
                Some("killed") => Some(Fault::KillAll),
                Some("dies") => Some(Fault::Kill),
                Some("short") => Some(Fault::Short),
                Some(error) => Some(Fault::Fails(error.parse().ok()?)),
            };
            Some(Turn { actor: actor.parse().ok()?, calls: calls.parse().ok()?, fault })
        };
        let turns = words.map(|word| turn(word).ok_or_else(|| format!("{word:?} is no turn")));
        turns.collect::<Result<_, _>>().map(Self)
    }
}
