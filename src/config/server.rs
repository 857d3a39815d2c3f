//! `[server]`: where we listen, and under which address we are reached.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;

use super::database::{Address, Database};
use super::page::Words;
use super::problem::PLAIN_HTTP;
use super::public_url::PublicUrl;
use super::section::Section;
use super::texts::Files;

/// Where we listen, and under which address we are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Required.
    pub public_url: PublicUrl,
    /// Default: `127.0.0.1:8090`.
    pub listen: Listen,
    /// Whose `X-Forwarded-For` is believed. Default: nobody's.
    pub trusted_proxies: Vec<IpNet>,
    /// Where commands reach us. Default: beside the database.
    pub control: Control,
}

/// The socket file of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// `passerelle.sock` beside the file of the database; where that is none, beside `passerelle.toml`.
    Beside,
    /// None: `false`.
    None,
    /// Here.
    At(PathBuf),
}

impl Control {
    /// The path. In: the folder of `passerelle.toml`.
    pub fn path(&self, database: &Database, folder: &Path) -> Option<PathBuf> {
        let beside = match (self, &database.url) {
            (Self::None, _) => return None,
            (Self::At(path), _) => return Some(path.clone()),
            (Self::Beside, Address::Sqlite(file)) => file.parent().unwrap_or(folder),
            (Self::Beside, Address::Memory | Address::Postgres(_)) => folder,
        };
        Some(beside.join("passerelle.sock"))
    }
}

/// An address to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// An IP address and a port.
    Tcp(SocketAddr),
    /// `unix:` and a path.
    Unix(PathBuf),
}

impl Listen {
    /// Whether only this machine can reach it over the network. A socket file counts as reached by others:
    /// a web server stands before it.
    pub fn is_loopback(&self) -> bool {
        matches!(self, Self::Tcp(address) if address.ip().is_loopback())
    }
}

impl std::fmt::Display for Listen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// `[server]`, each part `None` after a problem.
#[derive(Debug)]
pub struct ServerParts {
    /// Our address.
    pub public_url: Option<PublicUrl>,
    /// Where we listen.
    pub listen: Option<Listen>,
    trusted_proxies: Vec<IpNet>,
    /// Where commands reach us.
    pub control: Control,
}

impl ServerParts {
    /// The section, if it is whole.
    pub fn whole(self) -> Option<Server> {
        let Self { public_url, listen, trusted_proxies, control } = self;
        Some(Server { public_url: public_url?, listen: listen?, trusted_proxies, control })
    }
}

/// Reads `[server]`.
pub fn read(mut section: Section<'_>, files: &Files) -> ServerParts {
    let public_url = public_url(&mut section);
    let listen = listen(&mut section, files);
    let trusted_proxies = trusted_proxies(&mut section);
    let control = control(&mut section, files);
    section.finish();
    ServerParts { public_url, listen, trusted_proxies, control }
}

fn control(section: &mut Section<'_>, files: &Files) -> Control {
    let Some(found) = section.text_or_bool("control") else { return Control::Beside };
    match found.value {
        Ok(path) if !path.is_empty() => Control::At(files.resolve(path)),
        Err(false) => Control::None,
        Ok(_) | Err(true) => {
            found.spot.error("`control` is the path of a socket file, or false for none");
            Control::Beside
        }
    }
}

fn public_url(section: &mut Section<'_>) -> Option<PublicUrl> {
    let found = section.text("public_url")?;
    match PublicUrl::parse(found.value) {
        Ok(url) => {
            if !url.is_https() && !url.is_loopback() {
                found.spot.tell(
                    Words::warning(PLAIN_HTTP, "passwords and tickets travel without encryption")
                        .mark("http, and not this machine alone")
                        .hint("use https, with a web server in front or elsewhere"),
                );
            }
            Some(url)
        }
        Err(reason) => {
            found.spot.error(format!("`public_url` cannot be used: {reason}"));
            None
        }
    }
}

fn listen(section: &mut Section<'_>, files: &Files) -> Option<Listen> {
    let Some(found) = section.opt_text("listen") else {
        return Some(Listen::Tcp(SocketAddr::from(([127, 0, 0, 1], 8090))));
    };
    if let Some(path) = found.value.strip_prefix("unix:").filter(|path| !path.is_empty()) {
        return Some(Listen::Unix(files.resolve(path)));
    }
    let address = found.value.parse().ok().map(Listen::Tcp);
    if address.is_none() {
        let words = Words::new(format!("`listen` is no address with a port: {:?}", found.value));
        found
            .spot
            .tell(words.hint(r#"such as "127.0.0.1:8090", "[::]:8090" or "unix:/run/passerelle/http.sock""#));
    }
    address
}

fn trusted_proxies(section: &mut Section<'_>) -> Vec<IpNet> {
    let Some(list) = section.list("trusted_proxies") else { return Vec::new() };
    let mut networks = Vec::new();
    for found in list.value {
        let address = found.value.parse::<IpAddr>().map(IpNet::from);
        match address.ok().or_else(|| found.value.parse().ok()) {
            Some(network) => networks.push(network.trunc()),
            None => found.spot.tell(
                Words::new(format!("{:?} is neither an address nor a network", found.value))
                    .hint(r#"such as "127.0.0.1" or "10.0.0.0/8""#),
            ),
        }
    }
    networks
}
