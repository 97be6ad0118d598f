//! Tells Cargo that the migrations are part of the program: the macro that embeds them cannot.

fn main() {
    // The line is an instruction to Cargo.
    #[expect(clippy::print_stdout, reason = "build scripts speak to Cargo on standard output")]
    {
        println!("cargo::rerun-if-changed=migrations");
    }
}
