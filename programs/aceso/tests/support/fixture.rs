//! A valid call with everything known about it: the world it is made in, what it must change, and how it must fail.

use std::collections::BTreeMap;

use anchor_lang::{AnchorDeserialize, InstructionData};

use super::{
    call::Call,
    clinic::Clinic,
    event::events,
    mutation::{Expect, Mutation},
    outcome::Outcome,
    refusal::Cause,
    slot,
    world::{Snapshot, World},
};

pub struct Fixture {
    /// As in the program: `record_create`.
    pub instruction: &'static str,
    /// Who and how: `by the owner, to the epoch`.
    pub path: &'static str,
    pub clinic: Clinic,
    pub call: Call,
    pub outcome: Outcome,
    own: Vec<Mutation>,
    said: BTreeMap<String, Expect>,
}

impl Fixture {
    pub fn new(
        instruction: &'static str,
        path: &'static str,
        clinic: Clinic,
        call: Call,
        outcome: Outcome,
    ) -> Self {
        Self { instruction, path, clinic, call, outcome, own: Vec::new(), said: BTreeMap::new() }
    }

    pub fn title(&self) -> String {
        format!("{} ({})", self.instruction, self.path)
    }

    /// Says what comes of the derived mutations whose label begins so; the longest beginning counts.
    pub fn on(mut self, label: &str, expect: impl Into<Expect>) -> Self {
        assert!(self.said.insert(label.to_owned(), expect.into()).is_none(), "{label}: said twice");
        self
    }

    pub fn accepts(self, label: &str, reason: &'static str) -> Self {
        self.on(label, Expect::Accepted(reason))
    }

    /// Another argument.
    pub fn arg<I: AnchorDeserialize + InstructionData>(
        mut self,
        label: &str,
        expect: impl Into<Expect>,
        change: impl Fn(&mut I) + 'static,
    ) -> Self {
        let expect = Some(expect.into());
        self.own.push(Mutation::of_call(format!("args: {label}"), expect, move |call| {
            let mut args = I::try_from_slice(&call.data[8..]).expect("the data is of that type");
            change(&mut args);
            call.data = args.data();
        }));
        self
    }

    /// Another state of the chain.
    pub fn state(
        mut self,
        label: &str,
        expect: impl Into<Expect>,
        change: impl Fn(&mut World) + 'static,
    ) -> Self {
        let expect = Some(expect.into());
        let label = format!("state: {label}");
        self.own.push(Mutation::new(label, expect, move |world, _| change(world)));
        self
    }

    /// Several accounts or flags at once.
    pub fn calling(
        mut self,
        label: &str,
        expect: impl Into<Expect>,
        change: impl Fn(&mut World, &mut Call) + 'static,
    ) -> Self {
        let expect = Some(expect.into());
        self.own.push(Mutation::new(format!("call: {label}"), expect, change));
        self
    }

    /// Data that is cut short is refused for every instruction with arguments.
    fn truncated(&self) -> Option<Mutation> {
        (self.call.data.len() > 8).then(|| {
            let expect = anchor_lang::error::ErrorCode::InstructionDidNotDeserialize.into();
            Mutation::of_call("args: cut short", Some(expect), |call| {
                call.data.pop();
            })
        })
    }

    /// Runs the valid call and compares everything that exists afterwards with [`Self::outcome`].
    pub fn happens(&self) -> Result<(), String> {
        let mut world = self.clinic.world.clone();
        let meta = world
            .send(&[self.call.instruction()])
            .map_err(|refusal| format!("{}: {refusal}", self.title()))?;
        let (is, must) = (events(&meta), &self.outcome.events);
        if is != *must {
            return Err(format!("{}: events\n  are  {is:?}\n  must {must:?}", self.title()));
        }
        self.same(&world.snapshot(), &self.outcome.accounts, "after the call")
    }

    /// Every mutation gives what it must, and a refusal moves nothing. Returns why each was refused.
    pub fn refusals(&self) -> Result<Vec<Cause>, String> {
        let mut wrong = Vec::new();
        let mut used: BTreeMap<&str, bool> =
            self.said.keys().map(|k| (k.as_str(), false)).collect();
        let mut refused = Vec::new();
        // Refusals move nothing, which is checked: what breaks the call alone shares one world until one is accepted.
        let mut shared = None;
        let derived = slot::mutations(&self.clinic, &self.call);
        for mutation in derived.iter().chain(&self.own).chain(&self.truncated()) {
            let said = self
                .said
                .iter()
                .filter(|(label, _)| mutation.label.starts_with(label.as_str()))
                .max_by_key(|(label, _)| label.len());
            if let Some((label, _)) = said {
                used.insert(label, true);
            }
            let expect = said.map(|(_, expect)| expect).or(mutation.expect.as_ref());
            match self.try_one(mutation, expect, &mut shared) {
                Ok(cause) => refused.extend(cause),
                Err(what) => wrong.push(format!("  {}: {what}", mutation.label)),
            }
        }
        let unused = used.iter().filter(|(_, used)| !**used);
        wrong.extend(
            unused.map(|(label, _)| format!("  {label}: said, but no mutation is called so")),
        );
        match wrong.is_empty() {
            true => Ok(refused),
            false => Err(format!("{}:\n{}", self.title(), wrong.join("\n"))),
        }
    }

    fn try_one(
        &self,
        mutation: &Mutation,
        expect: Option<&Expect>,
        shared: &mut Option<(World, Snapshot)>,
    ) -> Result<Option<Cause>, String> {
        let mut call = self.call.clone();
        let known = if mutation.call_only { shared.take() } else { None };
        let (mut world, before) = match known {
            Some((mut world, before)) => {
                (mutation.change)(&mut world, &mut call);
                (world, before)
            }
            None => {
                let mut world = self.clinic.world.clone();
                (mutation.change)(&mut world, &mut call);
                let before = world.snapshot();
                (world, before)
            }
        };
        let result = world.send(&[call.instruction()]);
        match (expect, result) {
            (None, Ok(_)) => Err("accepted, and nothing is said about it".into()),
            (None, Err(refusal)) => Err(format!("{:?}, and nothing is said", refusal.cause)),
            (Some(Expect::Accepted(_)), Ok(_)) => Ok(None),
            (Some(Expect::Accepted(reason)), Err(refusal)) => {
                Err(format!("refused with {:?}, though {reason}", refusal.cause))
            }
            (Some(Expect::Refused(cause)), Ok(_)) => Err(format!("accepted instead of {cause:?}")),
            (Some(Expect::Refused(cause)), Err(refusal)) => {
                self.same(&world.snapshot(), &before, &mutation.label)?;
                if refusal.cause != *cause {
                    return Err(format!("{:?} instead of {cause:?}", refusal.cause));
                }
                if mutation.call_only {
                    *shared = Some((world, before));
                }
                Ok(Some(refusal.cause))
            }
        }
    }

    fn same(&self, left: &Snapshot, right: &Snapshot, when: &str) -> Result<(), String> {
        let differs = left.keys().chain(right.keys()).find(|key| left.get(key) != right.get(key));
        let Some(key) = differs else { return Ok(()) };
        let (title, name) = (self.title(), self.clinic.name(key));
        let (is, must) = (left.get(key), right.get(key));
        Err(format!("{title}, {when}: {name}\n  is   {is:?}\n  must {must:?}"))
    }
}
