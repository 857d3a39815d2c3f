//! The program itself, serving from files of its own in another process.

use std::fs::File;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use wait_timeout::ChildExt;

use super::house::Database;

/// What a command answered: its code, stdout, stderr.
pub type Answer = (Option<i32>, String, String);

/// A folder with the files of a gateway, and perhaps a server that runs from them. Both go with it.
pub struct Server {
    /// Where the files are.
    pub folder: TempDir,
    /// Its public address.
    pub base: String,
    log: PathBuf,
    child: Option<Child>,
}

/// A service.
pub fn service(name: &str, url: &str) -> String {
    format!("[[service]]\nname = {name:?}\nurl = {url:?}\n")
}

/// The program with no settings of whoever runs the tests.
pub fn program() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("passerelle"));
    for name in ["PASSERELLE_CONFIG", "PASSERELLE_LOG"] {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Answer {
    let Output { status, stdout, stderr } = command.output().expect("the program");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

/// The same with something on its standard input.
pub fn run_with(command: &mut Command, input: &str) -> Answer {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program");
    // Whoever does not read it has gone already.
    let _gone = child.stdin.take().expect("its input").write_all(input.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().expect("the program");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

/// Looks again and again until something is so, for ten seconds.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..200 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("for ten seconds it was not so: {what}");
}

impl Server {
    /// Files at a free port, with the person `test` and the service `Wiki`. `more`: further sections.
    pub fn files(database: &Database, more: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("it").port();
        let server = Self {
            folder: tempfile::tempdir().expect("a folder"),
            base: format!("http://127.0.0.1:{port}/cas"),
            log: PathBuf::new(),
            child: None,
        };
        server.write("passerelle.toml", &server.main(database, more));
        server.write("services.d/wiki.toml", &service("Wiki", "https://wiki.example/**"));
        server
    }

    /// The main file. `more`: further sections.
    pub fn main(&self, database: &Database, more: &str) -> String {
        format!(
            "[server]\npublic_url = \"{}\"\nlisten = \"{}\"\n{}\n[database]\nurl = \"{}\"\n{}\n\
             [[backend]]\nname = \"desk\"\nkind = \"test\"\n",
            self.base,
            self.address(),
            more.lines().take_while(|line| !line.starts_with('[')).collect::<Vec<_>>().join("\n"),
            database.url(),
            more.lines().skip_while(|line| !line.starts_with('[')).collect::<Vec<_>>().join("\n"),
        )
    }

    /// Address and port.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://").trim_end_matches("/cas")
    }

    /// Serves from them.
    pub async fn serves(mut self) -> Self {
        self.log = self.folder.path().join("log");
        let log = File::create(&self.log).expect("a file");
        let mut command = self.command(&["serve"]);
        command.stderr(log).stdout(Stdio::null());
        self.child = Some(command.spawn().expect("the program"));
        let socket = self.address().to_owned();
        until("it listens", async || tokio::net::TcpStream::connect(&socket).await.ok()).await;
        self
    }

    /// The usual one, serving.
    pub async fn start(database: &Database) -> Self {
        Self::files(database, "").serves().await
    }

    /// A path beside `passerelle.toml`.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file at once, as careful people do.
    pub fn write(&self, name: &str, content: &str) {
        let path = self.at(name);
        let folder = path.parent().expect("a folder");
        std::fs::create_dir_all(folder).expect("a folder");
        let draft = folder.join(".draft");
        std::fs::write(&draft, content).and_then(|()| std::fs::rename(&draft, &path)).expect("a file");
    }

    /// Removes one.
    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.at(name)).expect("it was there");
    }

    /// Another process with the same files, before it starts.
    pub fn command(&self, line: &[&str]) -> Command {
        let mut command = program();
        command.arg("--config").arg(self.at("passerelle.toml")).args(line);
        command
    }

    /// Another process with the same files.
    pub fn run(&self, line: &[&str]) -> Answer {
        run(&mut self.command(line))
    }

    /// The same while others go on.
    pub async fn runs(&self, line: &[&str]) -> Answer {
        let mut command = self.command(line);
        tokio::task::spawn_blocking(move || run(&mut command)).await.expect("an answer")
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it logs this so often. Out: the log.
    pub async fn logs(&self, words: &str, times: usize) -> String {
        let found = until(words, async || Some(self.log()).filter(|log| log.matches(words).count() >= times));
        found.await
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let id = self.child.as_ref().expect("it runs").id();
        kill(Pid::from_raw(i32::try_from(id).expect("a number")), signal).expect("it hears");
    }

    /// Stops it by SIGTERM. Out: its exit code.
    pub fn stops(&mut self) -> Option<i32> {
        self.signal(Signal::SIGTERM);
        let mut child = self.child.take().expect("it runs");
        let status = child.wait_timeout(Duration::from_secs(12)).expect("a status");
        status.expect("it ends within seconds").code()
    }

    /// Whether somebody may go there: `/login` knows the service.
    pub async fn knows(&self, service: &str) -> bool {
        super::Browser::elsewhere(&self.base).visits(service).await.status == 200
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _gone = child.kill();
            let _ended = child.wait();
        }
    }
}

/// Whether a path is there, whatever it is.
pub fn is_there(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}
