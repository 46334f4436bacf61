//! The fold's steps 4 to 6: days into commits, commits into a pack, `bak/new` emptied of what that holds.

use std::collections::BTreeSet;
use std::fs::File;

use anyhow::{Context, Result};

use super::commits::{self, Day};
use super::days::{BranchPlan, LeftOut, Why, plan};
use super::emptying::{self, KnownBlobs};
use super::fold::{FoldState, Folded, Work};
use super::present::{self, Lack, Lacks};
use super::{packs, stream};
use crate::git::objects::Objects;
use crate::model::events::line::Line;
use crate::record::day_of;

type Plans = Vec<(Day, Result<BranchPlan, String>)>;

impl Work<'_> {
    /// Steps 4 to 6.
    pub fn make(&mut self, state: &mut FoldState, done: &mut Folded) -> Result<()> {
        let known = self.damaged.len();
        let plans = match self.commit(state, done).and_then(|made| self.pack(made)) {
            // A blob may be there whose bytes are not: to look at each takes long, and is needed seldom.
            Err(_) if self.find_damaged(state)? > known => {
                state.commits = commits::read(&self.git)?;
                let made = self.commit(state, done)?;
                self.pack(made)?
            }
            other => other?,
        };
        done.left_out =
            plans.iter().filter_map(|(_, plan)| plan.as_ref().ok()).flat_map(left_out).collect();
        done.left_out.extend(nowhere(state));
        self.empty(state, &plans, done)
    }

    /// Brings the branches to what the days come to.
    fn commit(&self, state: &FoldState, done: &mut Folded) -> Result<(Plans, bool)> {
        let held = packs::held(&self.git)?;
        let live = state.days.live(&state.gone);
        let asked = live.into_iter().filter(|id| super::days::is_id(id)).collect();
        let mut lacks: Lacks = present::look(&self.git, &asked, &held)?;
        lacks.extend(self.damaged.iter().map(|id| (id.clone(), Lack::Damaged)));
        let plans = self.plans(state, &lacks);
        done.failed = plans.iter().filter_map(|(day, plan)| failure(day, plan)).collect();
        let mut stream = stream::begin();
        let (mut made, mut unwanted) = (0, Vec::new());
        for (day, plan) in &plans {
            let Ok(plan) = plan else { continue };
            let before = state.commits.get(day);
            if !self.is_wanted(day, plan, state) {
                unwanted.extend(before.map(|_| commits::branch(day)));
            } else if before.is_none_or(|texts| !plan.texts().eq(texts))
                || plan.ids().any(|id| !held.contains(id))
            {
                stream::day(&mut stream, day, &plan.commits);
                made += 1;
            }
        }
        stream::end(&mut stream);
        if made > 0 {
            let args = ["fast-import", "--quiet", "--force", "--date-format=raw"];
            self.git.feed_holding(args, stream, &self.lock.file)?;
        }
        self.delete(&unwanted)?;
        self.point_head()?;
        (done.made, done.deleted) = (done.made + made, done.deleted + unwanted.len());
        Ok((plans, made > 0 || !unwanted.is_empty()))
    }

    fn plans(&self, state: &FoldState, lacks: &Lacks) -> Plans {
        let unread = |day: &Day| state.read.unread.iter().find(|(unread, _)| *unread == day.1);
        let of = |(day, lines): (&Day, &Vec<_>)| {
            let plan = match unread(day) {
                Some((_, why)) => Err(why.clone()),
                None => plan(lines, &state.gone, lacks),
            };
            (day.clone(), plan)
        };
        state.days.lines.iter().map(of).collect()
    }

    /// A day has a branch as long as it has a version, or tells of what happened lately.
    fn is_wanted(&self, day: &Day, plan: &BranchPlan, state: &FoldState) -> bool {
        let lines = state.days.lines.get(day).into_iter().flatten();
        let had = |line: &Line| line.versions().next().is_some();
        let oldest = self.settings.expire.map(|expire| day_of(self.now.timestamp() - expire));
        let is_old = oldest.is_some_and(|oldest| day.1 < oldest);
        plan.has_versions()
            || !(plan.commits.is_empty() || is_old || lines.map(|raw| &raw.line).any(had))
    }

    fn delete(&self, branches: &[String]) -> Result<()> {
        if branches.is_empty() {
            return Ok(());
        }
        let input: String = branches.iter().map(|name| format!("delete {name}\n")).collect();
        self.git.feed_holding(["update-ref", "--stdin"], input.into_bytes(), &self.lock.file)
    }

    /// HEAD is the newest day of the main worktree, for commands that name no branch.
    fn point_head(&self) -> Result<()> {
        let names = self.git.output(["for-each-ref", "--format=%(refname)", "refs/heads"])?;
        let names = String::from_utf8_lossy(&names).into_owned();
        let main = self.record.main_worktree().unwrap_or_default();
        let day = |name: &&str| {
            let (worktree, day) = name.rsplit_once('/').unwrap_or_default();
            (worktree.ends_with(&format!("/{main}")), day.to_owned())
        };
        if let Some(newest) = names.lines().max_by_key(day) {
            self.git.output(["symbolic-ref", "HEAD", newest])?;
        }
        Ok(())
    }

    fn pack(&mut self, (plans, is_changed): (Plans, bool)) -> Result<Plans> {
        if self.packs_anyway || is_changed || !packs::is_tidy(&self.git)? {
            packs::repack(&self.git, &mut self.lock.file)?;
            packs::drop_unreached(&self.git, &self.lock.file)?;
        }
        Ok(plans)
    }

    /// Looks at the bytes of every blob in `bak/new`; how many are known not to be what they are called.
    fn find_damaged(&mut self, state: &FoldState) -> Result<usize> {
        let objects = Objects::in_dir(self.repository, self.record.bak().join("new"));
        let live = state.days.live(&state.gone);
        for (id, path) in emptying::loose(&self.record.bak().join("new")) {
            if live.contains(&id) && objects.read_blob(objects.parse(&id)?).is_err() {
                // What can't be opened is not damaged, for all that is known.
                File::open(&path).with_context(|| path.display().to_string())?;
                self.damaged.insert(id);
            }
        }
        Ok(self.damaged.len())
    }

    fn empty(&self, state: &FoldState, plans: &Plans, done: &mut Folded) -> Result<()> {
        let packed = packs::held(&self.git)?;
        let mut unfolded: BTreeSet<String> = done.left_out.iter().map(|it| it.id.clone()).collect();
        for (day, plan) in plans {
            if plan.is_err() {
                let lines = state.days.lines.get(day).into_iter().flatten();
                unfolded.extend(
                    lines.flat_map(|raw| raw.line.versions()).filter_map(|seen| seen.id.clone()),
                );
            }
        }
        let live = state.days.live(&state.gone);
        let named = state.days.all().flat_map(|raw| raw.line.versions());
        let named = named.filter_map(|seen| seen.id.as_ref()).chain(state.gone.ids());
        let gone: BTreeSet<String> = named.filter(|id| !live.contains(*id)).cloned().collect();
        let known = KnownBlobs {
            packed: &packed,
            unfolded: &unfolded,
            live: &live,
            gone: &gone,
            is_all: state.read.damaged == 0 && state.read.unread.is_empty(),
            expire: self.settings.expire,
        };
        let (number, bytes) = emptying::empty(self.record, &state.read, &known)?;
        done.emptied = (done.emptied.0 + number, done.emptied.1 + bytes);
        Ok(())
    }
}

fn left_out(plan: &BranchPlan) -> Vec<LeftOut> {
    plan.left_out.clone()
}

fn failure(day: &Day, plan: &Result<BranchPlan, String>) -> Option<String> {
    plan.as_ref().err().map(|why| format!("{}: {why}", day.1))
}

/// The versions in lines that no branch can have.
fn nowhere(state: &FoldState) -> Vec<LeftOut> {
    let mut left_out = Vec::new();
    for raw in &state.days.nowhere {
        for seen in raw.line.versions().filter(|seen| !state.gone.has(raw, seen)) {
            let (path, id) =
                (seen.path_bytes().unwrap_or_default(), seen.id.clone().unwrap_or_default());
            left_out.push(LeftOut { path, id, time: raw.line.time, why: Why::Worktree });
        }
    }
    left_out
}
