//! A small clinic: one patient with two folders, a neighbour with one, and the people around them. Enough strangers of
//! every account type that a mix-up has something to be mixed up with.
//!
//! Addresses follow from the ids in `id`; `make` sends what creates it all; `args` makes the arguments of calls on it.

mod args;
mod id;
mod make;

use std::collections::BTreeMap;

use aceso::{constants::*, state::*};
use anchor_lang::prelude::Pubkey;

pub use id::{folder_id, profile_id, record_id, request_id};

use super::{
    action::{self, Person},
    address,
    call::Call,
    refusal::Refusal,
    sample::DAY_SECS,
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

    /// The patient acts, or the nurse for the patient.
    pub fn owner_acting(&self) -> aceso::accounts::Acting {
        self.patient.acting()
    }

    pub fn nurse_acting(&self) -> aceso::accounts::Acting {
        self.nurse.acting_by(self.nurse_role, Some(self.nurse_grant))
    }
}
