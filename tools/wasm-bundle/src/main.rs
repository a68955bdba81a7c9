//! `wasm-bundle FILE.wasm OUT-DIR`: what `wasm-bindgen` (the command) does, as a library call, for a browser and for Node.
//!
//! OUT-DIR gets `web/` (a module with an `init` that takes a URL, bytes or a compiled module; every bundler understands
//! it) and `node/` (a module that loads the file beside it at once). Both hold the same .wasm bytes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

const NAME: &str = "aceso";

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(input), Some(out), None) = (args.next(), args.next(), args.next()) else {
        bail!("usage: wasm-bundle FILE.wasm OUT-DIR");
    };
    bundle(&input, &out.join("web"), |bindgen| bindgen.web(true))?;
    bundle(&input, &out.join("node"), |bindgen| bindgen.nodejs_module(true))
}

fn bundle(
    input: &Path,
    out: &Path,
    target: impl FnOnce(&mut Bindgen) -> Result<&mut Bindgen>,
) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(input).out_name(NAME).typescript(true).remove_producers_section(true);
    target(&mut bindgen)?;
    bindgen
        .generate(out)
        .with_context(|| format!("binding {} for {}", input.display(), out.display()))?;

    // An import from `env` is a function that no JavaScript host has: C code that was not linked, or a random number
    // source that was not configured for the web. Loading would fail at the user's; fail here instead.
    let code = std::fs::read(out.join(format!("{NAME}_bg.wasm")))?;
    let imports = import_modules(&code)?;
    ensure!(
        !imports.iter().any(|module| module == "env"),
        "the WASM imports from `env`, which no browser has: look for C code or getrandom without `wasm_js`"
    );
    Ok(())
}

/// The modules that the import section names (WebAssembly core specification, binary format, 5.5.5).
fn import_modules(code: &[u8]) -> Result<Vec<String>> {
    let mut reader = Reader(code.strip_prefix(b"\0asm\x01\0\0\0").context("not a WASM module")?);
    while !reader.0.is_empty() {
        let id = reader.byte()?;
        let mut section = Reader(reader.bytes()?);
        if id != 2 {
            continue;
        }
        let mut modules = Vec::new();
        for _ in 0..section.number()? {
            modules.push(String::from_utf8(section.bytes()?.to_vec())?);
            section.bytes()?; // the name
            match section.byte()? {
                0 => drop(section.number()?), // function: its type
                1 => {
                    section.byte()?;
                    section.limits()?;
                } // table: reference type, limits
                2 => section.limits()?,       // memory
                3 => {
                    section.byte()?;
                    section.byte()?;
                } // global: value type, mutability
                4 => {
                    section.byte()?;
                    section.number()?;
                } // tag
                kind => bail!("unknown import kind {kind}"),
            }
        }
        return Ok(modules);
    }
    Ok(Vec::new())
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.0.split_first().context("WASM module ends early")?;
        self.0 = rest;
        Ok(*first)
    }

    /// Unsigned LEB128.
    fn number(&mut self) -> Result<usize> {
        let mut value = 0usize;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        bail!("WASM number is too long")
    }

    fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(length).context("WASM module ends early")?;
        self.0 = rest;
        Ok(bytes)
    }

    fn limits(&mut self) -> Result<()> {
        let flags = self.byte()?;
        self.number()?;
        if flags & 1 != 0 {
            self.number()?;
        }
        Ok(())
    }
}
