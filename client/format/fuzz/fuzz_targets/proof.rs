#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| aceso_format_fuzz::proof(data));
