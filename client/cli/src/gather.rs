//! Which files a `put` means, and what is known of each before it is sealed.

use std::{
    fs::{self, File},
    io::{self, Cursor, Read},
    path::{Path, PathBuf},
};

use aceso_sdk::{
    file::Input,
    flow::{About, PutItem},
};

use crate::{
    args::record::Describe,
    exit::Failure,
    media_type::{self, LOOK_AT},
};

/// The files, in order; directories only with `recursive`, and then all below them by name.
pub fn files(named: &[PathBuf], recursive: bool) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for path in named {
        if path.as_os_str() == "-" || !path.is_dir() {
            found.push(path.clone());
        } else if recursive {
            below(path, &mut found).map_err(|e| unreadable(path, &e))?;
        } else {
            return Err(Failure::input(format!("{} is a directory", path.display()))
                .with_hint("add -r to put all files in it"));
        }
    }
    if found.is_empty() {
        return Err(Failure::input("there are no files in what you named")
            .with_hint("name at least one file"));
    }
    if found.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Failure::usage("standard input can be named once only"));
    }
    Ok(found)
}

/// Links to directories are not followed, so this ends.
fn below(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            below(&path, found)?;
        } else if kind.is_file() || path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

/// One file with what its author says of it.
pub fn item(path: &Path, describe: &Describe, name: Option<&str>) -> Result<PutItem, Failure> {
    let (input, start, file_name) = if path.as_os_str() == "-" {
        let mut start = Vec::new();
        io::stdin()
            .take(LOOK_AT as u64)
            .read_to_end(&mut start)
            .map_err(|e| unreadable(path, &e))?;
        // What was looked at is put back in front.
        let whole = Cursor::new(start.clone()).chain(io::stdin());
        (Input::reader(whole, "standard input"), start, name.unwrap_or_default().to_owned())
    } else {
        let input = Input::file(path)?;
        let mut start = Vec::new();
        // Pipes and devices would lose what is looked at.
        if input.len().is_some() {
            let file = File::open(path).map_err(|e| unreadable(path, &e))?;
            file.take(LOOK_AT as u64).read_to_end(&mut start).map_err(|e| unreadable(path, &e))?;
        }
        let own =
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        (input, start, name.map_or(own, str::to_owned))
    };
    let kind = media_type::guess(Path::new(&file_name), &start);
    let about = About {
        title: describe.title.clone().unwrap_or_else(|| file_name.clone()),
        file_name,
        media_type: describe.media_type.clone().unwrap_or(kind.media_type),
        fhir_type: describe.fhir_type.as_ref().map_or(kind.fhir_type, |said| said.0.clone()),
        codes: describe.code.iter().map(|code| code.0.clone()).collect(),
        tags: describe.tag.clone(),
        note: describe.note.clone().unwrap_or_default(),
        created_secs: None,
    };
    Ok(PutItem { input, about })
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format!("cannot read {} ({error})", path.display()))
        .with_hint("check the path and who may read it")
}
