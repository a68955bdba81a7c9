use std::fmt::Write;

use super::{Config, Key, TABLES, key::Need};

const WIDTH: usize = 100;

/// The commented sample: every key with what it means; what is required stands ready to be changed, the rest is commented
/// out with its default or an example.
pub fn sample() -> String {
    let mut text = String::new();
    comment(&mut text, Config::ABOUT);
    for key in Config::KEYS {
        write_key(&mut text, key, key.need != Need::Required);
    }
    for table in TABLES {
        text.push('\n');
        comment(&mut text, table.about);
        // A peer needs TLS unless a proxy does it; the other optional tables are of storage that it may not use.
        let off = table.optional && table.name != "tls";
        let _ = writeln!(text, "{}[{}]", if off { "# " } else { "" }, table.name);
        for key in table.keys {
            write_key(&mut text, key, off || key.need != Need::Required);
        }
    }
    text
}

fn write_key(text: &mut String, key: &Key, off: bool) {
    text.push('\n');
    comment(text, key.doc);
    if key.need == Need::Default {
        let _ = writeln!(text, "# Default: {}", key.value);
    }
    let _ = writeln!(text, "{}{} = {}", if off { "# " } else { "" }, key.name, key.value);
}

/// Doc comments, broken anew.
fn comment(text: &mut String, doc: &[&str]) {
    let mut line = String::from("#");
    for word in doc.iter().flat_map(|line| line.split_whitespace()) {
        if line.len() + 1 + word.len() > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}
