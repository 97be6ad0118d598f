//! The `postbag` binary.

fn main() -> std::process::ExitCode {
    postbag::cli::main()
}
