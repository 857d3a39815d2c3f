//! The binary: everything is in the library.

#[cfg(feature = "server")]
fn main() -> std::process::ExitCode {
    passerelle::cli::run()
}

#[cfg(not(feature = "server"))]
fn main() {}
