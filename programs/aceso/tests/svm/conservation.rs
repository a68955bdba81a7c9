//! Random histories on the real program: no lamport appears or vanishes, and nothing is stranded in the end.

use std::collections::BTreeMap;

use aceso::{constants::*, instructions::*, state::*};
use anchor_lang::prelude::Pubkey;

use crate::support::{
    action::{self, Person},
    address,
    call::Call,
    clinic::{settings, Clinic},
    sample::{blob, content, id, terms, DAY_SECS},
};

const STEPS: u64 = 2_000;

/// A small generator: the histories are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.roll(from.len())])
    }
}

struct History {
    clinic: Clinic,
    dice: Dice,
    people: Vec<Person>,
    payers: Vec<Pubkey>,
    made: u64,
    done: BTreeMap<&'static str, u32>,
}

impl History {
    fn new(seed: u64) -> Self {
        let mut clinic = Clinic::bare();
        clinic.must(action::config_init(clinic.sponsor, clinic.admin, settings()));
        let people =
            ["patient", "neighbour", "doctor", "nurse"].map(|name| clinic.person(name)).to_vec();
        // Rent comes from several wallets, so that a return to the wrong one shows.
        let payers = ["one", "two", "three"].map(|name| clinic.world.wallet(name)).to_vec();
        Self { clinic, dice: Dice(seed), people, payers, made: 0, done: BTreeMap::new() }
    }

    fn all<T: Layout>(&self) -> Vec<(Pubkey, T)> {
        let world = &self.clinic.world;
        let keys = world.program_accounts().into_iter().filter(|key| world.holds::<T>(key));
        keys.map(|key| (key, world.state::<T>(&key))).collect()
    }

    fn name(&mut self) -> String {
        self.made += 1;
        format!("made {}", self.made)
    }

    fn person(&self, profile: &Pubkey) -> Person {
        *self.people.iter().find(|person| person.profile == *profile).expect("one of the people")
    }

    /// One instruction that may or may not be allowed in the present state, or time.
    fn step(&mut self) {
        let payer = self.payers[self.dice.roll(self.payers.len())];
        let someone = self.people[self.dice.roll(self.people.len())];
        let other = self.people[self.dice.roll(self.people.len())];
        let call = match self.dice.roll(16) {
            0 => Some(("folder_create", self.folder_create(payer, someone))),
            1 | 2 => self.record_create(payer).map(|call| ("record_create", call)),
            3 | 4 => self.grant_create(payer, other, false).map(|call| ("grant_create", call)),
            5 => self.grant_create(payer, other, true).map(|call| ("grant_create", call)),
            6 => Some(("request_create", self.request_create(payer, someone, other))),
            7 => Some(("delegate_add", self.delegate_add(payer, someone, other))),
            8 => self.delegate_remove().map(|call| ("delegate_remove", call)),
            9 => self.rotate().map(|call| ("folder_rotate", call)),
            10 => self.end_grant(self.made.is_multiple_of(2)).map(|call| ("grant_end", call)),
            11 => self.end_request().map(|call| ("request_end", call)),
            12 => self.erase().map(|call| ("record_erase", call)),
            13 => self.approve(payer).map(|call| ("request_approve", call)),
            14 => self.close_folder().map(|call| ("folder_close", call)),
            _ => {
                let secs = 1 + self.dice.roll(3 * DAY_SECS as usize) as i64;
                self.clinic.world.wait(secs);
                None
            }
        };
        if let Some((name, call)) = call {
            if self.clinic.send(&call).is_ok() {
                *self.done.entry(name).or_default() += 1;
            }
        }
    }

    fn folder_create(&mut self, payer: Pubkey, owner: Person) -> Call {
        let name = self.name();
        action::folder_create(
            payer,
            owner,
            FolderCreateArgs { id: id(&name), keyring: blob(&name) },
        )
    }

    fn record_create(&mut self, payer: Pubkey) -> Option<Call> {
        let (key, folder) = self.dice.pick(&self.all::<Folder>())?;
        let (owner, name) = (self.person(&folder.owner), self.name());
        let sealed_to = match folder.rotate_due {
            0 => self.clinic.epoch_of(&key),
            _ => self.clinic.inbox_of(&owner),
        };
        let head = blob(&format!("{name} head"));
        let args = RecordCreateArgs { id: id(&name), content: content(&name), head, sealed_to };
        Some(action::record_create(payer, owner.acting(), owner.profile, key, args))
    }

    fn grant_create(&mut self, payer: Pubkey, reader: Person, on_record: bool) -> Option<Call> {
        let secs = 1 + self.dice.roll(3 * DAY_SECS as usize) as i64;
        let terms = terms(self.clinic.world.now_secs(), secs);
        let (scope, owner, args) = if on_record {
            let (key, record) = self.dice.pick(&self.all::<Record>())?;
            let args = self.clinic.record_grant_args(&key, &reader.profile, terms);
            ((record.folder, Some(key)), record.owner, args)
        } else {
            let (key, folder) = self.dice.pick(&self.all::<Folder>())?;
            let args = self.clinic.folder_grant_args(&key, &reader.profile, terms);
            ((key, None), folder.owner, args)
        };
        let acting = self.person(&owner).acting();
        Some(action::grant_create(payer, acting, owner, scope, reader.profile, args))
    }

    fn request_create(&mut self, payer: Pubkey, requester: Person, owner: Person) -> Call {
        let name = self.name();
        let ask = self.clinic.question(ScopeKind::OwnersChoice, Pubkey::default());
        let args = RequestCreateArgs { id: id(&name), ask };
        action::request_create(payer, requester, owner.profile, args)
    }

    fn delegate_add(&mut self, payer: Pubkey, owner: Person, delegate: Person) -> Call {
        let folders: Vec<Pubkey> = self.all::<Folder>().into_iter().map(|(key, _)| key).collect();
        let folder = self.dice.pick(&folders).filter(|_| !self.made.is_multiple_of(3));
        let args = DelegateAddArgs { capabilities: CAN_ALL, until_secs: NO_END };
        action::delegate_add(payer, owner, delegate.profile, folder, args)
    }

    fn delegate_remove(&mut self) -> Option<Call> {
        let (_, role) = self.dice.pick(&self.all::<Delegate>())?;
        let actor =
            self.person(if self.made.is_multiple_of(2) { &role.owner } else { &role.profile });
        let folder = (!role.covers_all()).then_some(role.folder);
        Some(action::delegate_remove(actor, role.owner, role.profile, folder, role.meta.payer))
    }

    fn rotate(&mut self) -> Option<Call> {
        let (key, folder) = self.dice.pick(&self.all::<Folder>())?;
        let name = self.name();
        let args = FolderRotateArgs {
            epoch: folder.epoch,
            members_version: folder.members_version,
            earliest_until_secs: NO_END,
            keyring: self.clinic.keyring_swap(&key, &name),
        };
        Some(action::folder_rotate(self.person(&folder.owner).acting(), key, args))
    }

    fn end_grant(&mut self, expire: bool) -> Option<Call> {
        let (key, grant) = self.dice.pick(&self.all::<Grant>())?;
        Some(self.ended(key, &grant, expire))
    }

    fn ended(&self, key: Pubkey, grant: &Grant, expire: bool) -> Call {
        let scope = match grant.scope_kind == ScopeKind::Record as u8 {
            true => {
                let record = self.clinic.world.state::<Record>(&grant.scope);
                (record.folder, Some(grant.scope))
            }
            false => (grant.scope, None),
        };
        match expire {
            true => action::grant_expire(scope, key, grant.meta.payer),
            false => {
                let acting = self.person(&grant.owner).acting();
                action::grant_revoke(acting, scope, key, grant.meta.payer)
            }
        }
    }

    fn end_request(&mut self) -> Option<Call> {
        let (key, request) = self.dice.pick(&self.all::<Request>())?;
        let payer = request.meta.payer;
        Some(match self.dice.roll(3) {
            0 => action::request_cancel(self.person(&request.requester), key, payer),
            1 => action::request_deny(self.person(&request.owner).acting(), key, payer),
            _ => action::request_expire(key, payer),
        })
    }

    fn approve(&mut self, payer: Pubkey) -> Option<Call> {
        let (key, request) = self.dice.pick(&self.all::<Request>())?;
        let mut folders = self.all::<Folder>();
        folders.retain(|(_, folder)| folder.owner == request.owner);
        let (folder, _) = self.dice.pick(&folders)?;
        let now_secs = self.clinic.world.now_secs();
        let terms = Terms {
            purpose: request.purpose,
            permissions: PERMIT_OPEN,
            from_secs: now_secs,
            until_secs: now_secs + DAY_SECS,
        };
        let reader = request.requester;
        let args = self.clinic.folder_grant_args(&folder, &reader, terms);
        let acting = self.person(&request.owner).acting();
        let scope = (folder, None);
        let back = request.meta.payer;
        Some(action::request_approve(payer, acting, request.owner, scope, reader, key, back, args))
    }

    fn erase(&mut self) -> Option<Call> {
        let (key, record) = self.dice.pick(&self.all::<Record>())?;
        Some(self.erased(key, &record))
    }

    fn erased(&self, key: Pubkey, record: &Record) -> Call {
        let (version, head_digest) = (record.version, record.head_digest);
        let args = RecordEraseArgs { version, head_digest };
        let owner = self.person(&record.owner);
        action::record_erase(owner, record.folder, key, record.meta.payer, args)
    }

    fn close_folder(&mut self) -> Option<Call> {
        let (key, folder) = self.dice.pick(&self.all::<Folder>())?;
        Some(action::folder_close(self.person(&folder.owner), key, folder.meta.payer))
    }

    /// What the accounts of the program hold is rent, deposits and fees kept, and every counter counts what is there.
    fn check(&self, total: u128) {
        let world = &self.clinic.world;
        let fees = u128::from(world.fees_lamports());
        assert_eq!(world.total_lamports() + fees, total, "lamports appeared or vanished");
        let (records, grants) = (self.all::<Record>(), self.all::<Grant>());
        for (key, folder) in self.all::<Folder>() {
            folder.invariant().expect("a folder's invariant");
            assert_eq!(
                folder.records as usize,
                records.iter().filter(|r| r.1.folder == key).count()
            );
            assert_eq!(folder.grants as usize, grants.iter().filter(|g| g.1.scope == key).count());
        }
        for (key, record) in &records {
            record.invariant().expect("a record's invariant");
            assert_eq!(record.grants as usize, grants.iter().filter(|g| g.1.scope == *key).count());
        }
        for (key, request) in self.all::<Request>() {
            let rent = world.rent(Request::SPACE);
            assert_eq!(world.lamports(&key), rent + request.deposit_lamports, "a deposit");
        }
        let (config, state) = self.all::<Config>()[0];
        assert_eq!(world.lamports(&config), world.rent(Config::SPACE) + state.fees_lamports);
        let (folders, roles) = (self.all::<Folder>(), self.all::<Delegate>());
        for (key, profile) in self.all::<Profile>() {
            assert_eq!(
                profile.folders as usize,
                folders.iter().filter(|f| f.1.owner == key).count()
            );
            assert_eq!(
                profile.delegates as usize,
                roles.iter().filter(|d| d.1.owner == key).count()
            );
        }
    }

    /// Closes everything that can be closed; each account's lamports must reach the payer that it remembers.
    fn wind_up(&mut self) {
        for (key, request) in self.all::<Request>() {
            let call =
                action::request_cancel(self.person(&request.requester), key, request.meta.payer);
            self.returns(key, request.meta.payer, call);
        }
        for (key, grant) in self.all::<Grant>() {
            let call = self.ended(key, &grant, false);
            self.returns(key, grant.meta.payer, call);
        }
        for (key, record) in self.all::<Record>() {
            let call = self.erased(key, &record);
            self.returns(key, record.meta.payer, call);
        }
        // Folders before the delegations that name them: neither may hold up the other.
        for (key, folder) in self.all::<Folder>() {
            let call = action::folder_close(self.person(&folder.owner), key, folder.meta.payer);
            self.returns(key, folder.meta.payer, call);
        }
        for (key, role) in self.all::<Delegate>() {
            let folder = (!role.covers_all()).then_some(role.folder);
            let owner = self.person(&role.owner);
            let payer = role.meta.payer;
            let call = action::delegate_remove(owner, role.owner, role.profile, folder, payer);
            self.returns(key, payer, call);
        }
        for person in self.people.clone() {
            self.clinic.must(action::profile_retire(person));
        }
    }

    fn returns(&mut self, key: Pubkey, payer: Pubkey, call: Call) {
        let world = &self.clinic.world;
        let sum = world.lamports(&key) + world.lamports(&payer);
        self.clinic.must(call);
        let world = &self.clinic.world;
        assert_eq!((world.lamports(&key), world.lamports(&payer)), (0, sum), "rent to its payer");
    }
}

/// Returns the fees that expired requests have left.
fn run(seed: u64) -> u64 {
    let mut history = History::new(seed);
    let world = &history.clinic.world;
    let total = world.total_lamports() + u128::from(world.fees_lamports());
    for n in 0..STEPS / 4 {
        history.step();
        if n.is_multiple_of(10) {
            history.check(total);
        }
    }
    // The history must have been about everything.
    let rare: Vec<_> = history.done.iter().filter(|(_, count)| **count < 3).collect();
    assert!(
        history.done.len() == 12 && rare.is_empty(),
        "hardly anything happened: {:?}",
        history.done
    );
    history.wind_up();
    history.check(total);

    // Only what is meant to stay has stayed: the config and the profiles, and fees for the admin to take.
    let left = history.clinic.world.program_accounts();
    assert_eq!(left.len(), 1 + history.people.len());
    let config = address::config().0;
    let kept = history.clinic.world.state::<Config>(&config).fees_lamports;
    if kept > 0 {
        let receiver = history.clinic.world.wallet("treasury");
        history.clinic.must(action::config_fees_withdraw(history.clinic.admin, receiver));
    }
    let rent = history.clinic.world.rent(Config::SPACE);
    assert_eq!(history.clinic.world.lamports(&config), rent);
    kept
}

#[test]
fn nothing_appears_vanishes_or_is_stranded() {
    let kept: u64 = [0x5eed_0001, 0xace5_0002, 0x0fee_0003, 0x1009_0004].into_iter().map(run).sum();
    assert!(kept > 0, "no request has expired in any history");
}
