//! A password is typed at a terminal, a real one to the program.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use nix::pty::openpty;
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, tcgetattr};
use nix::unistd::Pid;

use super::{ANA, Desk, NEW, account, add, hash, house};
use crate::support::Browser;
use crate::support::server::{Answer, program, until};

/// Ctrl-C, as a terminal sends it.
const GIVE_UP: &str = "\u{3}";

/// A terminal at which a command runs.
struct Terminal {
    /// Its side of the program.
    line: OwnedFd,
    /// The other side: keys go in.
    keys: File,
    /// All that it has shown.
    shown: Arc<Mutex<String>>,
    child: Child,
}

impl Terminal {
    fn runs(command: &Command) -> Self {
        let pty = openpty(None, None).unwrap();
        // Without a session of its own the program would ask at the terminal of whoever runs the tests.
        let mut run = Command::new("setsid");
        run.arg("--ctty").arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => run.env(name, value),
                None => run.env_remove(name),
            };
        }
        run.stdin(pty.slave.try_clone().unwrap()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = run.spawn().unwrap();
        let shown = Arc::new(Mutex::new(String::new()));
        let (mut screen, all) = (File::from(pty.master.try_clone().unwrap()), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut bytes = [0; 256];
            while let Ok(read @ 1..) = screen.read(&mut bytes) {
                all.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..read]));
            }
        });
        Self { line: pty.slave, keys: File::from(pty.master), shown, child }
    }

    fn shown(&self) -> String {
        self.shown.lock().unwrap().clone()
    }

    fn flags(&self) -> LocalFlags {
        tcgetattr(&self.line).unwrap().local_flags
    }

    /// Waits until the program asks this and shows nothing of the answer.
    async fn asks(&self, words: &str) {
        let look = async || {
            let asks = self.shown().ends_with(words) && !self.flags().contains(LocalFlags::ECHO);
            asks.then_some(())
        };
        until(words, look).await;
    }

    fn types(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
    }

    /// Answers both questions for a new password.
    async fn is_told(&mut self, password: &str, again: &str) {
        self.asks("Password: ").await;
        self.types(&format!("{password}\r"));
        self.asks("Once more: ").await;
        self.types(&format!("{again}\r"));
    }

    /// What came of it, once it has ended, and what was shown beside it.
    async fn ends(mut self) -> (Answer, String) {
        until("the end", async || self.child.try_wait().unwrap()).await;
        assert!(self.flags().contains(LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::ISIG));
        let shown = self.shown();
        let output = self.child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        ((output.status.code(), text(output.stdout), text(output.stderr)), shown)
    }
}

#[tokio::test]
async fn what_is_typed_is_not_shown() {
    let house = house().start().await;
    let desk = Desk::of(&house);
    for (line, password, words) in
        [("add", ANA.1, "ana is added"), ("passwd", NEW, "ana has another password")]
    {
        let mut terminal = Terminal::runs(&desk.command(&[line, "ana"]));
        terminal.is_told(password, password).await;
        let ((code, out, told), shown) = terminal.ends().await;
        assert_eq!((code, told.as_str()), (Some(0), ""), "{out}");
        assert!(out.starts_with(words), "{out}");
        assert_eq!(shown, "Password: \r\nOnce more: \r\n");
        Browser::at(&house).signs_in(("ana", password)).await;
    }
}

#[tokio::test]
async fn what_is_not_typed_twice_is_no_password() {
    let house = house().start().await;
    add(&house, account(ANA)).await;
    let (desk, before) = (Desk::of(&house), hash(&house, "ana").await);
    for line in [["add", "ben"], ["passwd", "ana"]] {
        let mut terminal = Terminal::runs(&desk.command(&line));
        terminal.is_told(NEW, &format!("{NEW} ")).await;
        let ((code, out, told), shown) = terminal.ends().await;
        assert_eq!((code, out.as_str()), (Some(1), ""), "{told}");
        assert!(told.contains("the two passwords are not the same: nothing was changed"), "{told}");
        assert_eq!(shown, "Password: \r\nOnce more: \r\n");
    }
    let mut terminal = Terminal::runs(&desk.command(&["passwd", "ana"]));
    terminal.asks("Password: ").await;
    terminal.types("\r");
    let ((code, _, told), _) = terminal.ends().await;
    assert!(code == Some(1) && told.contains("the password is empty"), "{told}");
    assert_eq!((house.count("account").await, hash(&house, "ana").await), (1, before));
}

#[tokio::test]
async fn whoever_gives_up_gets_the_terminal_back() {
    let house = house().start().await;
    add(&house, account(ANA)).await;
    let (desk, before) = (Desk::of(&house), hash(&house, "ana").await);
    let mut test = program();
    test.arg("--config")
        .arg(desk.0.path().join("passerelle.toml"))
        .args(["backend", "test", "people", "ana"]);
    let users = |line: &[&str]| desk.command(line);
    for (command, prompts) in [
        (users(&["add", "ben"]), &["Password: "][..]),
        (users(&["passwd", "ana"]), &["Password: ", "Once more: "]),
        (test, &["password of ana: "]),
    ] {
        let mut terminal = Terminal::runs(&command);
        for (number, prompt) in prompts.iter().enumerate() {
            terminal.asks(prompt).await;
            let is_last = number + 1 == prompts.len();
            terminal.types(&format!("{NEW}{}", if is_last { GIVE_UP } else { "\r" }));
        }
        let ((code, out, told), shown) = terminal.ends().await;
        assert_eq!((code, out.as_str()), (Some(130), ""), "{told}");
        assert!(told.contains("given up: nothing was changed"), "{told}");
        assert!(!shown.contains(NEW), "{shown}");
    }
    // The same by a signal of somebody else.
    let terminal = Terminal::runs(&users(&["passwd", "ana"]));
    terminal.asks("Password: ").await;
    kill(Pid::from_raw(terminal.child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    let ((code, _, told), _) = terminal.ends().await;
    assert!(code == Some(130) && told.ends_with("given up: nothing was changed\n"), "{code:?} {told}");
    assert_eq!((house.count("account").await, hash(&house, "ana").await), (1, before));
}
