//! Shows an address in the browser of whoever sits here.

use std::io::IsTerminal;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Opens it where somebody watches: not when stdout goes to a file or a program. Never fails: the address
/// is printed too.
pub(in crate::cli) fn open(url: &str) {
    if !std::io::stdout().is_terminal() {
        return;
    }
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let mut command = Command::new(program);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Ctrl-C here is not meant for a browser that this has started.
    command.process_group(0);
    // Waited for elsewhere, so that it leaves no zombie: some openers stay as long as the browser. A task
    // of the runtime would keep the demo from ending.
    std::thread::spawn(move || command.status());
}
