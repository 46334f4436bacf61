//! The steps that a walk may take. Each is a shell line that makes sense in any state; most of them do.

use super::ground::{Step, TREES};
use super::table::{FAILURES, FILES, HARMS, KILLS, LINES, OURS, STAGING, UNLOCK};

/// Numbers that are the same in every run (xorshift64*).
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// One below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }
}

/// As many steps as asked for; `twin`: of those that do the same without git-bak.
pub fn walk(seed: u64, count: usize, twin: bool) -> Vec<Step> {
    let mut random = Random::new(seed);
    let (mut time, mut steps) = (1, Vec::new());
    while steps.len() < count {
        time += match random.below(100) {
            0 => 86_400,
            1..4 => 3_700,
            // The clock is put back.
            4 if time > 4_000 => -3_600,
            5 if random.below(10) == 0 => 40 * 86_400,
            6..20 => 0,
            _ => 1,
        };
        let tree = TREES[[0, 0, 0, 0, 1, 2][random.below(6)]];
        let template = pick(&mut random);
        if twin && (OURS.contains(&template) || template.contains("bak")) {
            continue;
        }
        let mut line = fill(&mut random, template, steps.len(), twin);
        // Most of what is done is done to what was just edited.
        if template.starts_with(['g', 'W']) && random.below(5) < 3 {
            let edit = LINES[0].1[random.below(4)];
            line = format!("{}; {line}", fill(&mut random, edit, steps.len(), twin));
        }
        if twin {
            // Git leaves a folder in which a backup is ignored, and takes an empty one away.
            line = format!("mkdir -p d; {line}");
        }
        steps.push(Step { time, tree, line, stages: STAGING.contains(&template) });
    }
    steps
}

fn pick(random: &mut Random) -> &'static str {
    let all: usize = LINES.iter().map(|(weight, _)| weight).sum();
    let mut at = random.below(all);
    for (weight, lines) in LINES {
        if at < *weight {
            return lines[random.below(lines.len())];
        }
        at -= weight;
    }
    unreachable!()
}

fn fill(random: &mut Random, template: &str, number: usize, twin: bool) -> String {
    let kills = if twin { &KILLS[1..] } else { &KILLS[..] };
    // Without a file name of its own in it, no capital letter is left but those of options.
    template
        .replace("KILL", kills[random.below(kills.len())])
        .replace("FAIL", FAILURES[random.below(3)])
        .replace("HARM", HARMS[random.below(3)])
        .replace("UNLOCK", UNLOCK)
        .split(' ')
        .map(|word| match word {
            "F" => FILES[random.below(5)].to_owned(),
            "B" => ["main", "other", "third"][random.below(3)].to_owned(),
            word => file_at_end(random, word),
        })
        .collect::<Vec<_>>()
        .join(" ")
        .replace('#', &number.to_string())
}

/// A file's name behind `>`, a comma, or before a semicolon.
fn file_at_end(random: &mut Random, word: &str) -> String {
    let file = FILES[random.below(5)];
    if let Some(before) = word.strip_suffix("F").filter(|it| it.ends_with(['>', ','])) {
        return format!("{before}{file}");
    }
    if word == "F;" { format!("{file};") } else { word.to_owned() }
}
