//! Some actors in their scene.

use super::invariants::Expected;
use super::runs::{self, Script};
use super::scenes::{Actor, Scene, Words, actor};
use super::world::Points;

/// Some actors in their scene, and what must be true of it.
pub struct Play {
    pub actors: Vec<&'static Actor>,
    pub expected: Expected,
    pub points: Points,
    /// How many calls each makes at those points, by itself.
    pub lengths: Vec<usize>,
}

impl Play {
    pub fn of(names: &str) -> Self {
        let actors: Vec<&Actor> = names.split('+').map(actor).collect();
        let words: Vec<Words> = actors.iter().map(|actor| actor.words).collect();
        let scene = Scene::new(actors[0].prepare);
        let (points, lengths) = runs::meeting(&scene, &words);
        let expected = Expected::of(scene, &actors);
        Self { actors, expected, points, lengths }
    }

    /// What is not true after a run by this script.
    fn broken(&self, script: &Script) -> Option<String> {
        let words: Vec<Words> = self.actors.iter().map(|actor| actor.words).collect();
        let ran = script.run(&self.expected.scene, &words, &self.points, None);
        self.expected.broken(&ran).map(|why| format!("{why}\n{:?} {:#?}", ran.status, ran.said))
    }

    /// Fails with the shortest script that is found.
    pub fn check(&self, script: &Script) {
        if self.broken(script).is_some() {
            let script = script.shrunk(&|shorter| self.broken(shorter).is_some());
            let names: Vec<&str> = self.actors.iter().map(|actor| actor.name).collect();
            let why = self.broken(&script);
            panic!(
                "GIT_BAK_TEST_SCRIPT='{} {script}': {}",
                names.join("+"),
                why.unwrap_or_default()
            );
        }
    }
}
