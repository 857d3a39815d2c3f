//! The configuration of the demo. The files below `texts/` are a working set-up at the ports 8090 to 8093;
//! here they move to other ports, and into memory.

use std::collections::BTreeMap;

use crate::config::{Files, Text, Texts};

/// The files as `--write` writes them.
const FILES: [(&str, &str); 13] = [
    ("README", include_str!("texts/README")),
    ("gateway/passerelle.toml", include_str!("texts/gateway/passerelle.toml")),
    ("gateway/users.toml", include_str!("texts/gateway/users.toml")),
    ("gateway/providers.d/cevennes.toml", include_str!("texts/gateway/providers.d/cevennes.toml")),
    ("gateway/providers.d/northfield.toml", include_str!("texts/gateway/providers.d/northfield.toml")),
    ("gateway/services.d/10-sample.toml", include_str!("texts/gateway/services.d/10-sample.toml")),
    ("gateway/services.d/20-portal.toml", include_str!("texts/gateway/services.d/20-portal.toml")),
    ("northfield/passerelle.toml", include_str!("texts/northfield/passerelle.toml")),
    ("northfield/users.toml", include_str!("texts/northfield/users.toml")),
    ("northfield/services.d/10-gateway.toml", include_str!("texts/northfield/services.d/10-gateway.toml")),
    ("cevennes/passerelle.toml", include_str!("texts/cevennes/passerelle.toml")),
    ("cevennes/users.toml", include_str!("texts/cevennes/users.toml")),
    ("cevennes/services.d/10-gateway.toml", include_str!("texts/cevennes/services.d/10-gateway.toml")),
];

/// What the ports of the texts begin with; the one digit behind it counts from the first port.
const WRITTEN: &str = "127.0.0.1:809";
const ON_DISK: &str = "\"sqlite:passerelle.db\"";
const IN_MEMORY: &str = "\"sqlite::memory:\"";

/// One of the three gateways of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum House {
    /// The gateway itself.
    Gateway,
    /// University of Northfield.
    Northfield,
    /// Observatoire des Cévennes.
    Cevennes,
}

impl House {
    /// In the order of their ports.
    pub(super) const ALL: [Self; 3] = [Self::Gateway, Self::Northfield, Self::Cevennes];

    /// The folder of its texts.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Northfield => "northfield",
            Self::Cevennes => "cevennes",
        }
    }
}

/// The demo at its ports.
#[derive(Clone, Copy, Debug)]
pub(super) struct SetUp {
    first: u16,
}

impl SetUp {
    /// `first` is the gateway's port; three more follow it.
    pub(super) fn at(first: u16) -> Self {
        Self { first }
    }

    /// The port so many after the first.
    pub(super) fn port(&self, after: u16) -> u16 {
        self.first.saturating_add(after)
    }

    /// The base address of a gateway, without a last slash.
    pub(super) fn url(&self, house: House) -> String {
        let (after, mount) = match house {
            House::Gateway => (0, "cas"),
            House::Northfield => (1, "northfield"),
            House::Cevennes => (2, "cevennes"),
        };
        format!("http://127.0.0.1:{}/{mount}", self.port(after))
    }

    /// Where the sample app begins.
    pub(super) fn sample_front(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port(3))
    }

    /// All files for the disk: path and content.
    pub(super) fn files(&self) -> impl Iterator<Item = (&'static str, String)> {
        FILES.into_iter().map(|(path, text)| (path, self.moved(text)))
    }

    /// The texts of one gateway, with its database in memory.
    pub(super) fn texts(&self, house: House) -> Texts {
        let mut texts = Texts {
            main: Text::new("passerelle.toml", ""),
            providers: Vec::new(),
            services: Vec::new(),
            files: Files::Memory(BTreeMap::new()),
        };
        let mut further = BTreeMap::new();
        for (path, content) in self.files() {
            let inside = path.strip_prefix(house.folder()).and_then(|rest| rest.strip_prefix('/'));
            let Some(name) = inside else { continue };
            let content = content.replace(ON_DISK, IN_MEMORY);
            match name.split_once('/') {
                None if name == "passerelle.toml" => texts.main = Text::new(name, content),
                Some(("providers.d", _)) => texts.providers.push(Text::new(name, content)),
                Some(("services.d", _)) => texts.services.push(Text::new(name, content)),
                _ => {
                    further.insert(name.to_owned(), content.into_bytes());
                }
            }
        }
        texts.files = Files::Memory(further);
        texts
    }

    /// A text with the ports of this demo in place of those that are written.
    fn moved(&self, text: &str) -> String {
        let mut pieces = text.split(WRITTEN);
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let digit = piece.chars().next().and_then(|c| c.to_digit(10)).and_then(|d| u16::try_from(d).ok());
            out.push_str("127.0.0.1:");
            out.push_str(&self.port(digit.unwrap_or_default()).to_string());
            out.push_str(piece.get(1..).unwrap_or_default());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Backends, Checked, Surroundings};
    use crate::config::{Backend, Config};
    use crate::store::{DatabaseUrl, Store};

    fn config(first: u16, house: House) -> Config {
        match Config::read(&SetUp::at(first).texts(house), &|_| None) {
            Ok((config, warnings)) => {
                assert!(warnings.is_empty(), "{house:?}: {}", warnings.text(false, ""));
                config
            }
            Err(problems) => panic!("{house:?}: {}", problems.text(false, "")),
        }
    }

    #[test]
    fn all_texts_are_read_without_a_problem_and_stand_at_their_ports() {
        for first in [8090, 8091, 18_640, 65_532] {
            for (after, house) in (0..).zip(House::ALL) {
                let config = config(first, house);
                assert_eq!(config.server.public_url.base(), SetUp::at(first).url(house));
                assert_eq!(config.server.listen.to_string(), format!("127.0.0.1:{}", first + after));
                assert_eq!(config.database.url.to_string(), "sqlite::memory:");
            }
        }
    }

    #[test]
    fn the_four_know_each_other() {
        let set_up = SetUp::at(18_640);
        let gateway = config(18_640, House::Gateway);
        let urls: Vec<_> = gateway.directory.iter().map(|provider| provider.url.clone()).collect();
        assert_eq!(urls, [set_up.url(House::Northfield), set_up.url(House::Cevennes)]);
        let known = |config: &Config, url: &str| config.rules.destination(url).is_ok();
        assert!(known(&gateway, "http://127.0.0.1:18643/sample/callback"));
        for house in [House::Northfield, House::Cevennes] {
            assert!(known(&config(18_640, house), "http://127.0.0.1:18640/cas/federate/x?h=1"));
        }
    }

    #[tokio::test]
    async fn everybody_has_their_name_as_password() {
        let people = [
            (House::Gateway, vec!["guest"]),
            (House::Northfield, vec!["ana", "ben", "chloe"]),
            (House::Cevennes, vec!["ana", "bruno", "claire"]),
        ];
        for (house, names) in people {
            let list: Vec<Backend> = config(8090, house).backends;
            let store = Store::open(&DatabaseUrl::Memory).await.unwrap();
            let around = Surroundings { suffixes: Vec::new(), store, further_ca: None };
            let backends = Backends::new(&list, around).unwrap();
            for name in names {
                let known = backends.check(name, &name.into()).await.unwrap();
                let Checked::Right(known) = known else { panic!("{name}: {known:?}") };
                assert!(!known.attributes.is_empty(), "{name}");
            }
        }
    }
}
