//! A real PostgreSQL for tests: one server for the process, in a temporary folder, on a socket only.
//!
//! The server runs under a small shell that waits for the end of its input: whatever way this process
//! ends, the input ends with it, and the server is stopped and its folder removed.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use nix::unistd::{User, geteuid};

/// A running server. Stops on drop.
pub struct Postgres {
    guard: Mutex<Child>,
    programs: PathBuf,
    folder: PathBuf,
    account: Option<User>,
    databases: AtomicU32,
}

/// What the guard does: SIGINT is a fast shutdown.
const GUARD: &str = r#"
"$1/postgres" -D "$2/data" >"$2/log" 2>&1 &
server=$!
echo started
read -r _
kill -INT $server
wait $server
rm -rf "$2"
"#;

impl Postgres {
    /// The server of this process, started by whoever asks first.
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<Postgres> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    /// Starts a server and waits until it answers. Panics when PostgreSQL is not installed.
    pub fn start() -> Self {
        let programs = programs();
        // The server refuses to run as root.
        let account = geteuid().is_root().then(|| {
            let named = |name| User::from_name(name).ok().flatten();
            named("postgres").or_else(|| named("nobody")).expect("an account `postgres` or `nobody`")
        });
        let folder = tempfile::Builder::new().prefix("passerelle-pg-").tempdir().expect("a folder").keep();
        if let Some(user) = &account {
            std::os::unix::fs::chown(&folder, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
                .expect("chown");
        }
        initialise(&programs, &folder, account.as_ref());
        let mut guard = command("/bin/sh", account.as_ref());
        guard.args(["-c", GUARD, "guard"]).arg(&programs).arg(&folder).current_dir(&folder);
        // A group of its own: Ctrl-C reaches the tests, and the guard hears of it by its input.
        guard.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut guard = guard.spawn().expect("sh");
        let mut line = String::new();
        let _ = BufReader::new(guard.stdout.take().expect("piped")).read_line(&mut line);
        wait_until_ready(&folder);
        Self { guard: Mutex::new(guard), programs, folder, account, databases: AtomicU32::new(0) }
    }

    /// The socket.
    #[allow(dead_code, reason = "other tests use this file too")]
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// The address of a new, empty database.
    pub fn fresh_database(&self) -> String {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut create = command(self.programs.join("createdb"), self.account.as_ref());
        create.arg("-h").arg(&self.folder).args(["-U", "postgres", "--template=template0", &name]);
        run(create.current_dir(&self.folder));
        format!("postgres:///{name}?host={}&user=postgres", self.folder.display())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Ok(guard) = self.guard.get_mut() {
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
    }
}

/// Whether it is there, for what is left out without it; `REQUIRE_PG` says that it must be.
#[allow(dead_code, reason = "other tests use this file too")]
pub fn is_installed() -> bool {
    std::env::var_os("REQUIRE_PG").is_some_and(|value| value == "1") || found().is_some()
}

fn programs() -> PathBuf {
    found().expect(
        "tests on PostgreSQL were asked for, but `initdb` and `postgres` are neither in \
         $PASSERELLE_POSTGRES_BIN, nor /usr/lib/postgresql/*/bin, nor $PATH",
    )
}

fn found() -> Option<PathBuf> {
    let named = std::env::var_os("PASSERELLE_POSTGRES_BIN").map(PathBuf::from);
    let packaged = (13..=20).rev().map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    let path = std::env::var_os("PATH").unwrap_or_default();
    named
        .into_iter()
        .chain(packaged)
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("postgres").is_file() && folder.join("initdb").is_file())
}

fn command(program: impl AsRef<Path>, account: Option<&User>) -> Command {
    let mut command = Command::new(program.as_ref());
    if let Some(user) = account {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    // Settings of whoever runs the tests must not lead us to another server.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    command
}

fn initialise(programs: &Path, folder: &Path, account: Option<&User>) {
    let data = folder.join("data");
    let mut initdb = command(programs.join("initdb"), account);
    initdb.arg("-D").arg(&data).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]);
    // The collation that operators have, so that ours is put to the test.
    run(initdb.arg("--locale=C.UTF-8").current_dir(folder));
    let settings = format!(
        "listen_addresses = ''\nunix_socket_directories = '{}'\nfsync = off\nfull_page_writes = off\n\
         synchronous_commit = on\nmax_connections = 300\nshared_buffers = 32MB\nautovacuum = off\n",
        folder.display()
    );
    std::fs::write(data.join("postgresql.auto.conf"), settings).expect("settings");
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().expect("a program of PostgreSQL");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The socket answers before the databases do; line 8 of this file tells when they do.
fn wait_until_ready(folder: &Path) {
    for _ in 0..1500 {
        let status = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
        if status.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    panic!("PostgreSQL does not start: {log}");
}
