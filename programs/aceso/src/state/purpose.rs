use crate::{error::AcesoError, prelude::*};

/// Why a reader wants to read: codes of HL7 v3 value set PurposeOfUse (2.16.840.1.113883.1.11.20448). Append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// TREAT: treatment.
    Treatment = 1,
    /// ETREAT: emergency treatment.
    EmergencyTreatment = 2,
    /// BTG: break the glass.
    BreakTheGlass = 3,
    /// CAREMGT: care management.
    CareManagement = 4,
    /// COC: coordination of care.
    CoordinationOfCare = 5,
    /// HPAYMT: healthcare payment.
    Payment = 6,
    /// HOPERAT: healthcare operations.
    Operations = 7,
    /// HRESCH: healthcare research.
    Research = 8,
    /// PUBHLTH: public health.
    PublicHealth = 9,
    /// PATRQT: patient requested.
    PatientRequested = 10,
    /// FAMRQT: family requested.
    FamilyRequested = 11,
    /// PWATRNY: power of attorney.
    PowerOfAttorney = 12,
    /// SUPNWK: support network.
    SupportNetwork = 13,
    /// HLEGAL: legal.
    Legal = 14,
    /// HQUALIMP: quality improvement.
    QualityImprovement = 15,
    /// HMARKT: healthcare marketing.
    Marketing = 16,
}

impl Purpose {
    /// Every purpose with its HL7 code.
    pub const ALL: [(Self, &'static str); 16] = [
        (Self::Treatment, "TREAT"),
        (Self::EmergencyTreatment, "ETREAT"),
        (Self::BreakTheGlass, "BTG"),
        (Self::CareManagement, "CAREMGT"),
        (Self::CoordinationOfCare, "COC"),
        (Self::Payment, "HPAYMT"),
        (Self::Operations, "HOPERAT"),
        (Self::Research, "HRESCH"),
        (Self::PublicHealth, "PUBHLTH"),
        (Self::PatientRequested, "PATRQT"),
        (Self::FamilyRequested, "FAMRQT"),
        (Self::PowerOfAttorney, "PWATRNY"),
        (Self::SupportNetwork, "SUPNWK"),
        (Self::Legal, "HLEGAL"),
        (Self::QualityImprovement, "HQUALIMP"),
        (Self::Marketing, "HMARKT"),
    ];

    /// The HL7 code.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(purpose, _)| *purpose == self).map_or("", |(_, code)| code)
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, c)| *c == code).map(|(purpose, _)| *purpose)
    }
}

impl TryFrom<u8> for Purpose {
    type Error = Error;

    fn try_from(byte: u8) -> Result<Self> {
        // Numbered without a gap from 1, in the order of `ALL` (tests/state).
        let index = usize::from(byte).checked_sub(1);
        let found = index.and_then(|index| Self::ALL.get(index));
        found.map(|(purpose, _)| *purpose).ok_or_else(|| error!(AcesoError::PurposeUnknown))
    }
}
