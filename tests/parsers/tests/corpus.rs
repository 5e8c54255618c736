//! Each target on the inputs that are kept, among them all by which a fault was found.

use std::{fs, path::Path};

use parsers::TARGETS;

const FUZZ: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz");

#[test]
fn what_has_to_hold_does_of_every_input_that_is_kept() -> anyhow::Result<()> {
    for (name, target) in TARGETS {
        let mut inputs = 0;
        for entry in fs::read_dir(Path::new(FUZZ).join("corpus").join(name))? {
            target(&fs::read(entry?.path())?);
            inputs += 1;
        }
        assert!(inputs > 0, "{name} has no inputs");
    }
    Ok(())
}

#[test]
fn each_target_is_fuzzed() -> anyhow::Result<()> {
    let manifest = fs::read_to_string(Path::new(FUZZ).join("Cargo.toml"))?;
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "fuzz/Cargo.toml does not build {name}");
        let text = fs::read_to_string(Path::new(FUZZ).join("fuzz_targets").join(format!("{name}.rs")))?;
        assert!(text.contains(&format!("parsers::run(\"{name}\", input)")), "{name}.rs does not run {name}");
    }
    Ok(())
}
