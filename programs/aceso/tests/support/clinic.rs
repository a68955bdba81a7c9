//! A small clinic: one patient with two folders, a neighbour with one, and the people around them. Enough strangers of
//! every account type that a mix-up has something to be mixed up with.

use std::collections::BTreeMap;

use aceso::{constants::*, instructions::*, state::*};
use anchor_lang::prelude::Pubkey;

use super::{
    action::{self, Person},
    address,
    call::Call,
    refusal::Refusal,
    sample::{blob, cheap_id, content, endless, swap, terms, DAY_SECS},
    world::World,
};

pub const DEPOSIT: u64 = 5_000_000;
pub const FEE: u64 = 1_000_000;
pub const TTL_SECS: i64 = 30 * DAY_SECS;

#[derive(Clone)]
pub struct Clinic {
    pub world: World,
    pub admin: Pubkey,
    /// Pays the rent of everything: no party to any instruction otherwise.
    pub sponsor: Pubkey,
    pub patient: Person,
    /// Another owner.
    pub neighbour: Person,
    pub doctor: Person,
    /// Delegate of the patient for the chart, with every capability, who reads it.
    pub nurse: Person,
    /// Delegate of the patient for every folder, who may only file.
    pub lab: Person,
    /// A profile that nobody has granted anything.
    pub stranger: Person,
    pub chart: Pubkey,
    pub letters: Pubkey,
    pub their_folder: Pubkey,
    /// In the chart, by the patient, sealed to the epoch.
    pub ecg: Pubkey,
    /// In the chart, by the laboratory, sealed to the inbox.
    pub result: Pubkey,
    /// In the letters, by the patient.
    pub letter: Pubkey,
    pub their_record: Pubkey,
    pub nurse_role: Pubkey,
    pub lab_role: Pubkey,
    pub their_nurse_role: Pubkey,
    pub nurse_grant: Pubkey,
    /// Of the doctor on the chart, for 30 days.
    pub doctor_grant: Pubkey,
    /// Of the nurse on the letters.
    pub nurse_letters_grant: Pubkey,
    /// Of the doctor on one record, the letter, for 10 days.
    pub doctor_letter_grant: Pubkey,
    pub their_grant: Pubkey,
    /// The stranger asks the patient for the chart.
    pub request: Pubkey,
    pub their_request: Pubkey,
    names: BTreeMap<Pubkey, &'static str>,
}

pub fn settings() -> Settings {
    Settings {
        request_deposit_lamports: DEPOSIT,
        request_fee_lamports: FEE,
        request_ttl_secs: TTL_SECS,
    }
}

// Ids with the highest bumps, so that costs compare. The addresses of grants follow from scope and reader: folders and
// records are chosen so that theirs to the stranger are cheap as well.

pub fn profile_id(wallet: &Pubkey, name: &str) -> [u8; 16] {
    cheap_id(name, |id| vec![address::profile(wallet, id)])
}

pub fn folder_id(owner: &Person, name: &str) -> [u8; 16] {
    let stranger = stranger();
    cheap_id(name, |id| {
        let folder = address::folder(&owner.profile, id);
        vec![folder, address::grant(&folder.0, &stranger)]
    })
}

pub fn record_id(owner: &Person, name: &str) -> [u8; 16] {
    let stranger = stranger();
    cheap_id(name, |id| {
        let record = address::record(&owner.profile, id);
        vec![record, address::grant(&record.0, &stranger)]
    })
}

pub fn request_id(owner: &Person, requester: &Person, name: &str) -> [u8; 16] {
    cheap_id(name, |id| vec![address::request(&owner.profile, &requester.profile, id)])
}

fn stranger() -> Pubkey {
    let wallet = solana_signer::Signer::pubkey(&super::world::keypair("stranger"));
    address::profile(&wallet, &profile_id(&wallet, "stranger")).0
}

impl Clinic {
    pub fn new() -> Self {
        static OPENED: std::sync::OnceLock<Clinic> = std::sync::OnceLock::new();
        OPENED.get_or_init(Self::open).clone()
    }

    fn open() -> Self {
        let mut world = World::new();
        let (sponsor, admin) = (world.wallet("sponsor"), world.wallet("deployer"));
        let mut clinic = Self::empty(world, admin, sponsor);
        clinic.must(action::config_init(sponsor, admin, settings()));
        clinic.names.insert(address::config().0, "config");
        clinic.patient = clinic.person("patient");
        clinic.neighbour = clinic.person("neighbour");
        clinic.doctor = clinic.person("doctor");
        clinic.nurse = clinic.person("nurse");
        clinic.lab = clinic.person("lab");
        clinic.stranger = clinic.person("stranger");
        clinic.world.wait(60);

        let (patient, neighbour) = (clinic.patient, clinic.neighbour);
        clinic.chart = clinic.folder(patient, "chart");
        clinic.letters = clinic.folder(patient, "letters");
        clinic.their_folder = clinic.folder(neighbour, "their folder");
        clinic.world.wait(60);

        clinic.nurse_role =
            clinic.delegate("nurse role", patient, "nurse", Some(clinic.chart), CAN_ALL);
        clinic.lab_role = clinic.delegate("lab role", patient, "lab", None, CAN_CREATE);
        clinic.their_nurse_role =
            clinic.delegate("their nurse role", neighbour, "nurse", None, CAN_ALL);
        clinic.ecg = clinic.record(patient, "chart", "ecg");
        clinic.letter = clinic.record(patient, "letters", "letter");
        clinic.their_record = clinic.record(neighbour, "their folder", "their record");
        clinic.result = clinic.inbox_record("result");
        clinic.world.wait(60);

        clinic.nurse_grant = clinic.folder_grant("nurse grant", patient, "chart", "nurse", None);
        clinic.nurse_letters_grant =
            clinic.folder_grant("nurse letters grant", patient, "letters", "nurse", None);
        clinic.doctor_grant =
            clinic.folder_grant("doctor grant", patient, "chart", "doctor", Some(30 * DAY_SECS));
        clinic.doctor_letter_grant = clinic.record_grant("doctor", 10 * DAY_SECS);
        clinic.their_grant =
            clinic.folder_grant("their grant", neighbour, "their folder", "doctor", None);
        clinic.request = clinic.ask("request", patient, ScopeKind::Folder, clinic.chart);
        clinic.their_request =
            clinic.ask("their request", neighbour, ScopeKind::OwnersChoice, Pubkey::default());
        clinic.world.wait(60);
        clinic
    }

    /// The program without its config, and the two wallets that set it up.
    pub fn bare() -> Self {
        let mut world = World::new();
        let (sponsor, admin) = (world.wallet("sponsor"), world.wallet("deployer"));
        world.wallet("stranger");
        Self::empty(world, admin, sponsor)
    }

    fn empty(world: World, admin: Pubkey, sponsor: Pubkey) -> Self {
        let nobody = Person { wallet: Pubkey::default(), profile: Pubkey::default() };
        let none = Pubkey::default();
        Self {
            world,
            admin,
            sponsor,
            patient: nobody,
            neighbour: nobody,
            doctor: nobody,
            nurse: nobody,
            lab: nobody,
            stranger: nobody,
            chart: none,
            letters: none,
            their_folder: none,
            ecg: none,
            result: none,
            letter: none,
            their_record: none,
            nurse_role: none,
            lab_role: none,
            their_nurse_role: none,
            nurse_grant: none,
            doctor_grant: none,
            nurse_letters_grant: none,
            doctor_letter_grant: none,
            their_grant: none,
            request: none,
            their_request: none,
            names: BTreeMap::new(),
        }
    }

    /// What the account is called here.
    pub fn name(&self, key: &Pubkey) -> String {
        let name = self.names.get(key).copied().or_else(|| self.world.wallet_name(key));
        name.map_or_else(|| key.to_string(), str::to_owned)
    }

    /// Says what an account is called here.
    pub fn label(&mut self, key: Pubkey, name: &'static str) {
        self.names.insert(key, name);
    }

    /// Sends a call that must succeed.
    pub fn must(&mut self, call: Call) {
        if let Err(refusal) = self.send(&call) {
            panic!("{refusal}");
        }
    }

    pub fn send(&mut self, call: &Call) -> Result<(), Refusal> {
        self.world.send(&[call.instruction()]).map(|_| ())
    }

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
        let profile = self.profile(profile);
        let until_secs = self.world.now_secs() + 100 * DAY_SECS;
        let args = DelegateAddArgs { capabilities, until_secs };
        let call = action::delegate_add(self.sponsor, owner, profile, folder, args);
        self.made(name, &call, "delegate")
    }

    /// A record in the named folder of that owner, sealed to its epoch.
    pub fn record(&mut self, owner: Person, folder: &str, name: &'static str) -> Pubkey {
        let folder = self.folder_key(owner, folder);
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

    fn inbox_record(&mut self, name: &'static str) -> Pubkey {
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
        let folder = self.folder_key(owner, folder);
        let reader = self.profile(reader);
        let now_secs = self.world.now_secs();
        let terms = secs.map_or_else(|| endless(now_secs), |secs| terms(now_secs, secs));
        let args = self.folder_grant_args(&folder, &reader, terms);
        let acting = owner.acting();
        let scope = (folder, None);
        let call = action::grant_create(self.sponsor, acting, owner.profile, scope, reader, args);
        self.made(name, &call, "grant")
    }

    fn record_grant(&mut self, reader: &str, secs: i64) -> Pubkey {
        let reader = self.profile(reader);
        let (owner, folder, record) = (self.patient, self.letters, self.letter);
        let terms = terms(self.world.now_secs(), secs);
        let args = self.record_grant_args(&record, &reader, terms);
        let scope = (folder, Some(record));
        let acting = owner.acting();
        let call = action::grant_create(self.sponsor, acting, owner.profile, scope, reader, args);
        self.made("doctor letter grant", &call, "grant")
    }

    fn ask(
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

    // What arguments are made of.

    pub fn question(&self, scope_kind: ScopeKind, scope: Pubkey) -> Ask {
        Ask {
            scope_kind,
            scope,
            purpose: Purpose::Research as u8,
            permissions: PERMIT_OPEN | PERMIT_HISTORY,
            duration_secs: 90 * DAY_SECS,
            reason: blob("reason"),
            ttl_secs: 7 * DAY_SECS,
            deposit_lamports: DEPOSIT + 7,
        }
    }

    /// The folder's epoch as it stands.
    pub fn epoch_of(&self, folder: &Pubkey) -> SealedTo {
        let state = self.world.state::<Folder>(folder);
        SealedTo::Epoch { epoch: state.epoch, keyring_digest: state.keyring_digest }
    }

    /// A person's own key as it stands.
    pub fn inbox_of(&self, person: &Person) -> SealedTo {
        let state = self.world.state::<Profile>(&person.profile);
        SealedTo::Inbox { key_version: state.key_version, bundle_digest: state.bundle_digest }
    }

    /// A new head named `head` in place of the record's present one.
    pub fn head_swap(&self, record: &Pubkey, head: &str) -> HeadSwap {
        let state = self.world.state::<Record>(record);
        HeadSwap {
            version: state.version,
            members_version: state.members_version,
            swap: Swap { expected: state.head_digest, blob: blob(head) },
        }
    }

    /// A new keyring in place of the folder's present one.
    pub fn keyring_swap(&self, folder: &Pubkey, keyring: &str) -> Swap {
        let expected = self.world.state::<Folder>(folder).keyring_digest;
        Swap { expected, ..swap("", keyring) }
    }

    pub fn folder_grant_args(
        &self,
        folder: &Pubkey,
        reader: &Pubkey,
        terms: Terms,
    ) -> GrantCreateArgs {
        let state = self.world.state::<Folder>(folder);
        let keyring = format!("keyring of {folder} for {reader}");
        GrantCreateArgs {
            scope: *folder,
            reader_bundle_digest: self.bundle_digest(reader),
            terms,
            resealed: Resealed::Keyring {
                epoch: state.epoch,
                swap: self.keyring_swap(folder, &keyring),
            },
        }
    }

    pub fn record_grant_args(
        &self,
        record: &Pubkey,
        reader: &Pubkey,
        terms: Terms,
    ) -> GrantCreateArgs {
        let folder = self.world.state::<Record>(record).folder;
        GrantCreateArgs {
            scope: *record,
            reader_bundle_digest: self.bundle_digest(reader),
            terms,
            resealed: Resealed::Head {
                change: self.head_swap(record, &format!("head of {record} for {reader}")),
                sealed_to: self.epoch_of(&folder),
            },
        }
    }

    pub fn bundle_digest(&self, profile: &Pubkey) -> [u8; 32] {
        self.world.state::<Profile>(profile).bundle_digest
    }

    fn profile(&self, name: &str) -> Pubkey {
        let wallet = solana_signer::Signer::pubkey(&super::world::keypair(name));
        address::profile(&wallet, &profile_id(&wallet, name)).0
    }

    fn folder_key(&self, owner: Person, name: &str) -> Pubkey {
        address::folder(&owner.profile, &folder_id(&owner, name)).0
    }

    /// The patient acts, or the nurse for the patient.
    pub fn owner_acting(&self) -> aceso::accounts::Acting {
        self.patient.acting()
    }

    pub fn nurse_acting(&self) -> aceso::accounts::Acting {
        self.nurse.acting_by(self.nurse_role, Some(self.nurse_grant))
    }
}
