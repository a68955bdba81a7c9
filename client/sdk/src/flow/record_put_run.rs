//! An interrupted put goes on where it was, when the same is put again.
//!
//! Each put is a run in the journal: the files that it is to file and, before the transaction is sent, the record that each
//! becomes. The run ends when all its files are filed. Until then, a file is left out of the next put if it is the same
//! file (path, folder, description, readers), its content is the same (SHA-256), and its record is on the chain.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use anchor_lang::prelude::Pubkey;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use super::{About, AlreadyFiled, FlowError, PutItem, RecordPut, Session};
use crate::{
    chain::{ChainError, Record},
    file,
    home::{JournalAction, JournalStep},
};

/// Kind of the journal's actions that are made here.
const KIND: &str = "put";
/// Note: the record that a file becomes.
const NOTE_FILING: &str = "filing";
/// How many records are asked for at a time.
const AT_ONCE: usize = 16;

/// Which file it is, and under what description for whom; `None` for what has no name to find it by again, such as
/// standard input.
pub(super) type FileMark = Option<String>;

/// A file that became a record, or was about to.
#[derive(Clone)]
struct Filing {
    file: String,
    content: String,
    record: Pubkey,
}

/// One put, this one or one that was interrupted.
struct Run {
    action: JournalAction,
    /// What it is to file; a file that was named twice is here twice.
    files: Vec<String>,
    /// What it has filed.
    filed: Vec<Filing>,
}

/// The runs that a put goes on with, and its own for what is in none of those.
pub(super) struct PutRuns {
    runs: Vec<Run>,
}

impl std::fmt::Debug for PutRuns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PutRuns({})", self.runs.len())
    }
}

/// What is left to put, and what is not.
pub(super) struct Remaining {
    pub items: Vec<(PutItem, FileMark)>,
    pub already: Vec<AlreadyFiled>,
}

impl Session {
    /// Finds what earlier runs have filed of a put, and begins a run for the rest.
    pub(super) async fn put_runs(
        &self,
        put: &mut RecordPut,
    ) -> Result<(PutRuns, Remaining), FlowError> {
        let me = self.profile()?;
        let marks: Vec<FileMark> = put
            .items
            .iter()
            .map(|item| Some(self.file_mark(&me, put, item.input.path()?, &item.about)))
            .collect();
        let asked: HashSet<&String> = marks.iter().flatten().collect();
        let mut runs = PutRuns { runs: self.interrupted(&asked, put.again).await? };
        let mut filed = runs.filed_by_file();
        let mut remaining = Remaining { items: Vec::new(), already: Vec::new() };
        for (item, mark) in put.items.drain(..).zip(marks) {
            match self.record_of(&item, &mark, &mut filed).await? {
                Some(already) => remaining.already.push(already),
                None => remaining.items.push((item, mark)),
            }
        }
        let of_none = |mark: &&String| !runs.runs.iter().any(|run| run.files.contains(mark));
        let marks = remaining.items.iter().filter_map(|(_, mark)| mark.as_ref());
        let files: Vec<String> = marks.filter(of_none).cloned().collect();
        if !files.is_empty() {
            let action = self.home().journal().begin(KIND, &files, &[])?;
            runs.runs.push(Run { action, files, filed: Vec::new() });
        }
        Ok((runs, remaining))
    }

    /// Runs that were to file any of these, with what they have filed; `again` forgets them.
    async fn interrupted(
        &self,
        asked: &HashSet<&String>,
        again: bool,
    ) -> Result<Vec<Run>, FlowError> {
        let mut runs = Vec::new();
        for action in self.home().journal().unfinished()?.actions {
            if action.kind() != KIND {
                continue;
            }
            let files: Vec<String> = action.intent()?;
            if !files.iter().any(|file| asked.contains(file)) {
                continue;
            }
            if again {
                action.end()?;
                continue;
            }
            let noted: Vec<Filing> = action.steps().iter().filter_map(Filing::of_step).collect();
            let filed = stream::iter(noted)
                .map(async |filing| {
                    let there = self.is_filed(&filing.record).await?;
                    Ok::<_, FlowError>(there.then_some(filing))
                })
                .buffered(AT_ONCE)
                .try_collect::<Vec<_>>()
                .await?;
            runs.push(Run { action, files, filed: filed.into_iter().flatten().collect() });
        }
        Ok(runs)
    }

    /// The session has settled the fate of every transaction before, so a record that is not there will not come.
    async fn is_filed(&self, record: &Pubkey) -> Result<bool, FlowError> {
        match self.chain().account_confirmed::<Record>(record).await {
            Ok(_) => Ok(true),
            Err(ChainError::AccountMissing { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The record that a file has become already. Its content is read only where there may be one.
    async fn record_of(
        &self,
        item: &PutItem,
        mark: &FileMark,
        filed: &mut HashMap<String, Vec<Filing>>,
    ) -> Result<Option<AlreadyFiled>, FlowError> {
        let Some((mark, path)) = mark.as_ref().zip(item.input.path()) else { return Ok(None) };
        let Some(filings) = filed.get_mut(mark).filter(|filings| !filings.is_empty()) else {
            return Ok(None);
        };
        let content = self.content_mark(mark, &file::sha256(path).await?);
        let found = filings.iter().position(|filing| filing.content == content);
        // Named twice, it was filed twice: each record counts for one.
        let found = found.map(|at| filings.swap_remove(at));
        Ok(found.map(|filing| AlreadyFiled { path: path.to_owned(), record: filing.record }))
    }

    fn file_mark(&self, me: &Pubkey, put: &RecordPut, path: &Path, about: &About) -> String {
        // The same file, whatever directory it is named from.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let created = about.created_secs.map(i64::to_le_bytes);
        let mut parts: Vec<&[u8]> = vec![
            me.as_ref(),
            put.folder.as_ref(),
            path.as_os_str().as_encoded_bytes(),
            about.title.as_bytes(),
            about.file_name.as_bytes(),
            about.media_type.as_bytes(),
            about.fhir_type.as_bytes(),
            about.note.as_bytes(),
            created.as_ref().map_or(&[], |secs| secs),
        ];
        let (codes, tags) = (about.codes.len().to_le_bytes(), about.tags.len().to_le_bytes());
        parts.push(&codes);
        for code in &about.codes {
            parts.extend([code.system.as_bytes(), code.code.as_bytes(), code.display.as_bytes()]);
        }
        parts.push(&tags);
        parts.extend(about.tags.iter().map(String::as_bytes));
        // Dates are often counted from now, so a rerun has others.
        let terms: Vec<_> = put
            .share
            .iter()
            .map(|share| (share.terms.purpose as u8, share.terms.permissions.to_le_bytes()))
            .collect();
        for (share, (purpose, permissions)) in put.share.iter().zip(&terms) {
            parts.extend([share.reader.as_ref(), std::slice::from_ref(purpose), permissions]);
        }
        self.home().journal().mark(&parts)
    }

    fn content_mark(&self, file: &str, sha256: &[u8; 32]) -> String {
        self.home().journal().mark(&[file.as_bytes(), sha256])
    }

    /// Notes which record a file is about to become.
    pub(super) fn put_note(
        &self,
        runs: &mut PutRuns,
        mark: &FileMark,
        sha256: &[u8; 32],
        record: Pubkey,
    ) -> Result<(), FlowError> {
        let Some(file) = mark else { return Ok(()) };
        let Some(run) = runs.runs.iter_mut().find(|run| run.files.contains(file)) else {
            return Ok(());
        };
        let content = self.content_mark(file, sha256);
        let filing = Filing { file: file.clone(), content, record };
        Ok(run.action.step(filing.to_step())?)
    }
}

impl PutRuns {
    fn filed_by_file(&self) -> HashMap<String, Vec<Filing>> {
        let mut by_file: HashMap<String, Vec<Filing>> = HashMap::new();
        for filing in self.runs.iter().flat_map(|run| &run.filed) {
            by_file.entry(filing.file.clone()).or_default().push(filing.clone());
        }
        by_file
    }

    /// These records are on the chain now.
    pub fn filed(&mut self, records: &HashSet<Pubkey>) {
        for run in &mut self.runs {
            let noted = run.action.steps().iter().filter_map(Filing::of_step);
            run.filed.extend(noted.filter(|filing| records.contains(&filing.record)));
        }
    }

    /// Ends the runs of which nothing is left to file. Those of which something is stay for the next put.
    pub fn end(self) -> Result<(), FlowError> {
        for run in self.runs {
            if run.is_complete() {
                run.action.end()?;
            }
        }
        Ok(())
    }

    /// Ends the runs that have come to nothing: there is nothing to find again.
    pub fn abandon(self) -> Result<(), FlowError> {
        for run in self.runs {
            if run.filed.is_empty() {
                run.action.end()?;
            }
        }
        Ok(())
    }
}

impl Run {
    fn is_complete(&self) -> bool {
        let count = |file: &String| self.files.iter().filter(|other| *other == file).count();
        let filed = |file: &String| self.filed.iter().filter(|other| other.file == *file).count();
        self.files.iter().all(|file| filed(file) >= count(file))
    }
}

impl Filing {
    fn to_step(&self) -> JournalStep {
        let record = self.record.to_string();
        let value = json!({ "file": self.file, "content": self.content, "record": record });
        JournalStep::Note { name: NOTE_FILING.to_owned(), value }
    }

    fn of_step(step: &JournalStep) -> Option<Self> {
        let JournalStep::Note { name, value } = step else { return None };
        let text = |field: &str| value.get(field).and_then(Value::as_str);
        (name == NOTE_FILING).then_some(())?;
        let record = text("record")?.parse().ok()?;
        Some(Self { file: text("file")?.to_owned(), content: text("content")?.to_owned(), record })
    }
}
