//! What kind of file it is: by its first bytes, which do not lie as often as names do, then by its name.

use std::path::Path;

use serde_json::Value;

/// Media type and, for FHIR, the type of resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    pub media_type: String,
    pub fhir_type: String,
}

/// As much of a file as is looked at.
pub const LOOK_AT: usize = 64 << 10;

const UNKNOWN: &str = "application/octet-stream";

pub fn guess(name: &Path, start: &[u8]) -> Kind {
    if let Some(fhir_type) = fhir_type(start) {
        let media_type = if first_byte(start) == Some(b'<') {
            "application/fhir+xml"
        } else {
            "application/fhir+json"
        };
        return Kind { media_type: media_type.to_owned(), fhir_type };
    }
    let media_type =
        by_magic(start).or_else(|| by_extension(name)).unwrap_or_else(|| by_text(start));
    Kind { media_type: media_type.to_owned(), fhir_type: String::new() }
}

fn by_magic(start: &[u8]) -> Option<&'static str> {
    const MAGIC: [(usize, &[u8], &str); 11] = [
        (128, b"DICM", "application/dicom"),
        (0, b"%PDF-", "application/pdf"),
        (0, b"\x89PNG\r\n\x1a\n", "image/png"),
        (0, b"\xff\xd8\xff", "image/jpeg"),
        (0, b"II*\0", "image/tiff"),
        (0, b"MM\0*", "image/tiff"),
        (0, b"GIF8", "image/gif"),
        (8, b"WEBP", "image/webp"),
        (0, b"\x1f\x8b", "application/gzip"),
        (0, b"MSH|", "x-application/hl7-v2+er7"),
        (4, b"ftyp", "video/mp4"),
    ];
    let is =
        |(at, magic, _): &&(usize, &[u8], &str)| start.get(*at..at + magic.len()) == Some(*magic);
    MAGIC.iter().find(is).map(|(.., media_type)| *media_type)
}

fn by_extension(name: &Path) -> Option<&'static str> {
    let extension = name.extension()?.to_str()?.to_ascii_lowercase();
    let media_type = match extension.as_str() {
        "dcm" => "application/dicom",
        "pdf" => "application/pdf",
        "json" => "application/json",
        "xml" => "application/xml",
        "cda" => "application/hl7-sda+xml",
        "ndjson" => "application/x-ndjson",
        "csv" => "text/csv",
        "txt" | "text" | "log" => "text/plain",
        "md" => "text/markdown",
        "html" | "htm" => "text/html",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "tif" | "tiff" => "image/tiff",
        "svg" => "image/svg+xml",
        "mp4" => "video/mp4",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "edf" => "application/edf",
        "vcf" => "text/x-vcf",
        _ => return None,
    };
    Some(media_type)
}

fn by_text(start: &[u8]) -> &'static str {
    match std::str::from_utf8(start) {
        Ok(text) if !text.is_empty() && !text.contains('\0') => "text/plain",
        _ => UNKNOWN,
    }
}

/// A FHIR resource says what it is in its first lines; a whole one need not be read for it.
fn fhir_type(start: &[u8]) -> Option<String> {
    match first_byte(start)? {
        b'{' => fhir_json(start),
        b'<' => fhir_xml(start),
        _ => None,
    }
}

fn fhir_json(start: &[u8]) -> Option<String> {
    if let Ok(Value::Object(resource)) = serde_json::from_slice(start) {
        let named = resource.get("resourceType")?.as_str()?;
        return resource_name(named);
    }
    // More than was looked at: take the first one named, which in what software writes is the outermost.
    let text = String::from_utf8_lossy(start);
    let after = text.split_once("\"resourceType\"")?.1.trim_start().strip_prefix(':')?.trim_start();
    resource_name(after.strip_prefix('"')?.split('"').next()?)
}

fn fhir_xml(start: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(start);
    if !text.contains("http://hl7.org/fhir") {
        return None;
    }
    let element = text.split('<').skip(1).find(|element| !element.starts_with(['?', '!']))?;
    resource_name(element.split(|c: char| !c.is_ascii_alphanumeric()).next()?)
}

fn resource_name(name: &str) -> Option<String> {
    let looks_right = name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric());
    looks_right.then(|| name.to_owned())
}

fn first_byte(start: &[u8]) -> Option<u8> {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    text.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media_type(name: &str, start: &[u8]) -> String {
        guess(Path::new(name), start).media_type
    }

    #[test]
    fn first_bytes_come_before_names() {
        assert_eq!(media_type("scan.txt", b"%PDF-1.7"), "application/pdf");
        assert_eq!(media_type("x", &[&[0; 128][..], b"DICM"].concat()), "application/dicom");
        assert_eq!(media_type("x.dcm", b"\0\0"), "application/dicom");
        assert_eq!(media_type("notes", b"plain words"), "text/plain");
        assert_eq!(media_type("blob", b"\0\x01\x02"), "application/octet-stream");
        assert_eq!(media_type("empty", b""), "application/octet-stream");
    }

    #[test]
    fn fhir_says_what_it_is() {
        let whole = guess(Path::new("a.json"), br#"{"resourceType":"DiagnosticReport","id":"1"}"#);
        assert_eq!(
            (whole.media_type.as_str(), whole.fhir_type.as_str()),
            ("application/fhir+json", "DiagnosticReport")
        );
        let cut =
            guess(Path::new("a.json"), br#"{ "resourceType" : "Bundle", "entry": [{"resource""#);
        assert_eq!(cut.fhir_type, "Bundle");
        let xml = guess(
            Path::new("a.xml"),
            br#"<?xml version="1.0"?><Patient xmlns="http://hl7.org/fhir">"#,
        );
        assert_eq!(
            (xml.media_type.as_str(), xml.fhir_type.as_str()),
            ("application/fhir+xml", "Patient")
        );
        assert_eq!(media_type("a.json", br#"{"name":"no resource"}"#), "application/json");
    }
}
