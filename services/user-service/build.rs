//! Has cargo look at the migrations, which are built in, when one is added.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
