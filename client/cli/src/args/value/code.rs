use std::str::FromStr;

use aceso_sdk::flow::Code;

/// A code as FHIR writes it in a search, `system|code`, with a text for people behind it if one likes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeArg(pub Code);

impl FromStr for CodeArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(3, '|').map(str::trim);
        let mut part = || parts.next().unwrap_or_default().to_owned();
        let (system, code, display) = (part(), part(), part());
        if system.is_empty() || code.is_empty() {
            return Err(format!(
                "{text:?} is no code; write system|code, in quotes, such as 'http://loinc.org|58410-2'"
            ));
        }
        Ok(Self(Code { system, code, display }))
    }
}

/// A type of FHIR resource, such as `DiagnosticReport`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FhirType(pub String);

impl FromStr for FhirType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let begins = text.starts_with(|c: char| c.is_ascii_uppercase());
        if !begins || !text.chars().all(|c| c.is_ascii_alphabetic()) || text.len() > 64 {
            return Err(format!(
                "{text:?} is no type of a FHIR resource; write one as FHIR does, such as DiagnosticReport"
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_a_system() {
        let read =
            |text: &str| text.parse::<CodeArg>().map(|CodeArg(c)| (c.system, c.code, c.display));
        let parts = |a: &str, b: &str, c: &str| Ok((a.to_owned(), b.to_owned(), c.to_owned()));
        assert_eq!(read("http://loinc.org|58410-2"), parts("http://loinc.org", "58410-2", ""));
        assert_eq!(
            read("http://loinc.org|58410-2|Blood count | full"),
            parts("http://loinc.org", "58410-2", "Blood count | full")
        );
        for bad in ["58410-2", "|58410-2", "http://loinc.org|", ""] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!("DiagnosticReport".parse::<FhirType>().is_ok());
        for bad in ["", "diagnosticReport", "Diagnostic Report", "Bündel"] {
            assert!(bad.parse::<FhirType>().is_err(), "{bad}");
        }
    }
}
