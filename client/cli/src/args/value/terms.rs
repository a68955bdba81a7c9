use aceso_sdk::chain::{
    Purpose,
    constants::{
        CAN_ANSWER, CAN_CREATE, CAN_GRANT, CAN_LEASE, CAN_REVOKE, CAN_ROTATE, PERMIT_HISTORY,
        PERMIT_OPEN, PERMIT_SAVE,
    },
};
use clap::{ValueEnum, builder::PossibleValue};

/// A purpose of use: the program's list, by a word or by its HL7 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurposeArg(pub Purpose);

/// Words that a patient would use, in the order of the program's list.
const WORDS: [(Purpose, &str); 16] = [
    (Purpose::Treatment, "treatment"),
    (Purpose::EmergencyTreatment, "emergency-treatment"),
    (Purpose::BreakTheGlass, "break-the-glass"),
    (Purpose::CareManagement, "care-management"),
    (Purpose::CoordinationOfCare, "coordination-of-care"),
    (Purpose::Payment, "payment"),
    (Purpose::Operations, "operations"),
    (Purpose::Research, "research"),
    (Purpose::PublicHealth, "public-health"),
    (Purpose::PatientRequested, "patient-requested"),
    (Purpose::FamilyRequested, "family-requested"),
    (Purpose::PowerOfAttorney, "power-of-attorney"),
    (Purpose::SupportNetwork, "support-network"),
    (Purpose::Legal, "legal"),
    (Purpose::QualityImprovement, "quality-improvement"),
    (Purpose::Marketing, "marketing"),
];

/// The word for a purpose.
pub fn purpose_word(purpose: Purpose) -> &'static str {
    WORDS.iter().find(|(known, _)| *known == purpose).map_or("unknown", |(_, word)| word)
}

impl ValueEnum for PurposeArg {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [PurposeArg; 16] = {
            let mut all = [PurposeArg(Purpose::Treatment); 16];
            let mut i = 0;
            while i < all.len() {
                all[i] = PurposeArg(WORDS[i].0);
                i += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(purpose_word(self.0)).alias(self.0.code()))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Permission {
    /// Open records
    Open,
    /// Open older versions
    History,
    /// Keep a copy (a wish: nobody can enforce it)
    Save,
}

impl Permission {
    const ALL: [(Self, u16, &'static str); 3] = [
        (Self::Open, PERMIT_OPEN, "open"),
        (Self::History, PERMIT_HISTORY, "history"),
        (Self::Save, PERMIT_SAVE, "save"),
    ];

    pub fn bits(list: &[Self]) -> u16 {
        Self::ALL
            .iter()
            .filter(|(one, ..)| list.contains(one))
            .fold(0, |bits, (_, bit, _)| bits | bit)
    }

    pub fn words(bits: u16) -> Vec<&'static str> {
        Self::ALL.iter().filter(|(_, bit, _)| bits & bit != 0).map(|(.., word)| *word).collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CapabilityArg {
    /// File records, and update its own
    Create,
    /// Approve and deny requests (needs a grant on the folder)
    Answer,
    /// Grant (needs a grant on the folder)
    Grant,
    /// Revoke
    Revoke,
    /// Change the folder's key (needs a grant on the folder)
    Rotate,
    /// Rent storage for you
    Lease,
}

impl CapabilityArg {
    const ALL: [(Self, u16, &'static str); 6] = [
        (Self::Create, CAN_CREATE, "create"),
        (Self::Answer, CAN_ANSWER, "answer"),
        (Self::Grant, CAN_GRANT, "grant"),
        (Self::Revoke, CAN_REVOKE, "revoke"),
        (Self::Rotate, CAN_ROTATE, "rotate"),
        (Self::Lease, CAN_LEASE, "lease"),
    ];

    pub fn bits(list: &[Self]) -> u16 {
        Self::ALL
            .iter()
            .filter(|(one, ..)| list.contains(one))
            .fold(0, |bits, (_, bit, _)| bits | bit)
    }

    pub fn words(bits: u16) -> Vec<&'static str> {
        Self::ALL.iter().filter(|(_, bit, _)| bits & bit != 0).map(|(.., word)| *word).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_a_word_and_its_code() {
        for (purpose, code) in Purpose::ALL {
            let word = purpose_word(purpose);
            assert_ne!(word, "unknown", "{code}");
            assert_eq!(PurposeArg::from_str(word, false), Ok(PurposeArg(purpose)));
            assert_eq!(PurposeArg::from_str(code, false), Ok(PurposeArg(purpose)));
        }
    }

    #[test]
    fn words_and_bits_agree() {
        assert_eq!(
            Permission::words(Permission::bits(&[Permission::Save, Permission::Open])),
            ["open", "save"]
        );
        assert_eq!(CapabilityArg::words(CapabilityArg::bits(&[CapabilityArg::Rotate])), ["rotate"]);
    }
}
