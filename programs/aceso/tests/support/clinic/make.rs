//! Sends what makes the clinic's people and things, and remembers what each is called.

use aceso::{instructions::*, state::*};
use anchor_lang::prelude::Pubkey;

use super::{
    id::{folder_id, folder_key, profile_id, profile_key, record_id, request_id},
    Clinic,
};
use crate::support::{
    action::{self, Person},
    call::Call,
    sample::{blob, content, endless, terms, DAY_SECS},
};

impl Clinic {
    pub fn person(&mut self, name: &'static str) -> Person {
        let wallet = self.world.wallet(name);
        let args = ProfileCreateArgs { id: profile_id(&wallet, name), bundle: blob(name) };
        let call = action::profile_create(self.sponsor, wallet, args);
        let profile = self.made(name, &call, "profile");
        Person { wallet, profile }
    }

    pub fn folder(&mut self, owner: Person, name: &'static str) -> Pubkey {
        let args = FolderCreateArgs { id: folder_id(&owner, name), keyring: blob(name) };
        let call = action::folder_create(self.sponsor, owner, args);
        self.made(name, &call, "folder")
    }

    pub fn delegate(
        &mut self,
        name: &'static str,
        owner: Person,
        profile: &str,
        folder: Option<Pubkey>,
        capabilities: u16,
    ) -> Pubkey {
        let profile = profile_key(profile);
        let until_secs = self.world.now_secs() + 100 * DAY_SECS;
        let args = DelegateAddArgs { capabilities, until_secs };
        let call = action::delegate_add(self.sponsor, owner, profile, folder, args);
        self.made(name, &call, "delegate")
    }

    /// A record in the named folder of that owner, sealed to its epoch.
    pub fn record(&mut self, owner: Person, folder: &str, name: &'static str) -> Pubkey {
        let folder = folder_key(&owner, folder);
        let args = RecordCreateArgs {
            id: record_id(&owner, name),
            content: content(name),
            head: blob(&format!("{name} head")),
            sealed_to: self.epoch_of(&folder),
        };
        let (acting, profile) = (owner.acting(), owner.profile);
        let call = action::record_create(self.sponsor, acting, profile, folder, args);
        self.made(name, &call, "record")
    }

    pub(super) fn inbox_record(&mut self, name: &'static str) -> Pubkey {
        let args = RecordCreateArgs {
            id: record_id(&self.patient, name),
            content: content(name),
            head: blob(&format!("{name} head")),
            sealed_to: self.inbox_of(&self.patient),
        };
        let acting = self.lab.acting_by(self.lab_role, None);
        let (owner, folder) = (self.patient.profile, self.chart);
        let call = action::record_create(self.sponsor, acting, owner, folder, args);
        self.made(name, &call, "record")
    }

    /// A grant on the named folder; without an end unless it is given.
    pub fn folder_grant(
        &mut self,
        name: &'static str,
        owner: Person,
        folder: &str,
        reader: &str,
        secs: Option<i64>,
    ) -> Pubkey {
        let folder = folder_key(&owner, folder);
        let reader = profile_key(reader);
        let now_secs = self.world.now_secs();
        let terms = secs.map_or_else(|| endless(now_secs), |secs| terms(now_secs, secs));
        let args = self.folder_grant_args(&folder, &reader, terms);
        let acting = owner.acting();
        let scope = (folder, None);
        let call = action::grant_create(self.sponsor, acting, owner.profile, scope, reader, args);
        self.made(name, &call, "grant")
    }

    pub(super) fn record_grant(&mut self, reader: &str, secs: i64) -> Pubkey {
        let reader = profile_key(reader);
        let (owner, folder, record) = (self.patient, self.letters, self.letter);
        let terms = terms(self.world.now_secs(), secs);
        let args = self.record_grant_args(&record, &reader, terms);
        let scope = (folder, Some(record));
        let acting = owner.acting();
        let call = action::grant_create(self.sponsor, acting, owner.profile, scope, reader, args);
        self.made("doctor letter grant", &call, "grant")
    }

    pub(super) fn ask(
        &mut self,
        name: &'static str,
        owner: Person,
        scope_kind: ScopeKind,
        scope: Pubkey,
    ) -> Pubkey {
        let ask = self.question(scope_kind, scope);
        let args = RequestCreateArgs { id: request_id(&owner, &self.stranger, name), ask };
        let call = action::request_create(self.sponsor, self.stranger, owner.profile, args);
        self.made(name, &call, "request")
    }

    fn made(&mut self, name: &'static str, call: &Call, slot: &str) -> Pubkey {
        self.must(call.clone());
        let key = call.key(slot);
        self.names.insert(key, name);
        key
    }
}
