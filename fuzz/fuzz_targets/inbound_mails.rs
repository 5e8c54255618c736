#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| parsers::run("inbound_mails", input));
