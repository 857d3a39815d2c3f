//! What operators write.

use std::collections::BTreeMap;

use passerelle::config::{Config, Files, Text, Texts};

/// What begins the next file: of `providers.d` first, then of `services.d`.
const NEXT: &str = "\n----\n";

/// Any text is a configuration or a list of problems at places that exist, and always the same.
pub fn config(data: &[u8]) -> bool {
    let mut files = super::text(data).split(NEXT);
    let mut named = |name: &str| Text::new(name, files.next().unwrap_or_default());
    let (main, provider, service) =
        (named("passerelle.toml"), named("providers.d/a.toml"), named("services.d/a.toml"));
    let texts = Texts {
        main,
        providers: vec![provider],
        services: vec![service],
        files: Files::Memory(BTreeMap::new()),
    };
    let read = || match Config::read(&texts, &|_| None) {
        Ok((_, warnings)) => (true, warnings.text(false, "")),
        Err(problems) => {
            assert!(problems.errors() > 0 && !problems.is_empty());
            let _json = problems.json();
            (false, problems.text(false, ""))
        }
    };
    let first = read();
    assert_eq!(first, read());
    first.0
}
