//! The gateway as a process of its own.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

/// A server that runs until it is dropped.
pub struct Gateway {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Gateway {
    /// Starts one. In: institutions: suffix, address, limit of time.
    pub async fn start(institutions: &[(&str, String, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let mut main = format!(
            "[server]\npublic_url = \"http://{address}/cas\"\nlisten = \"{address}\"\ntrusted_proxies = [\"127.0.0.0/8\"]\n"
        );
        let database = std::env::var("PASSERELLE_LOAD_DATABASE")
            .unwrap_or_else(|_| format!("sqlite:{}/passerelle.db", folder.path().display()));
        write!(main, "[database]\nurl = {database:?}\n[outbound]\nprobe = \"off\"\n").unwrap();
        main.push_str(
            "[[backend]]\nname = \"home\"\nkind = \"test\"\nuser = \"ada\"\npassword = \"engine\"\n",
        );
        let mut providers = String::new();
        for (suffix, url, limit) in institutions {
            writeln!(
                providers,
                "[[provider]]\nsuffix = {suffix:?}\nname = {suffix:?}\nurl = {url:?}\nprotocol = \"2.0\"\ntimeout = {limit:?}"
            )
            .unwrap();
        }
        let service = "[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\n";
        for (file, text) in [
            ("passerelle.toml", main.as_str()),
            ("providers.d/a.toml", &providers),
            ("services.d/a.toml", service),
        ] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let child = Command::new(env!("CARGO_BIN_EXE_passerelle"))
            .arg("--config")
            .arg(folder.path().join("passerelle.toml"))
            .arg("serve")
            .env("PASSERELLE_LOG", "error")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let gateway = Self { child, address, _folder: folder };
        for _ in 0..200 {
            if TcpStream::connect(address).await.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        gateway
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its memory, as the system counts it.
    pub fn kilobytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
