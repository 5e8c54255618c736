#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| parsers::run("calendar_replies", input));
