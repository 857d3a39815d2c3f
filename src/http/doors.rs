//! What handlers share: the gateway, and what its pages look like.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app::App;
use crate::config::Mark;
use crate::config::picture::Kind;

use super::assets::Assets;
use super::pages::Chrome;

/// The state of every handler. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Doors {
    /// The gateway.
    pub app: App,
    /// Style, script and pictures.
    pub assets: Arc<Assets>,
    /// What is the same on all pages.
    pub chrome: Arc<Chrome>,
    logos: Arc<HashMap<String, String>>,
}

/// A picture that was there when the files were read and is not any more.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", file.display())]
pub struct DoorsError {
    file: PathBuf,
    source: std::io::Error,
}

impl Doors {
    /// Reads the pictures that the configuration names and puts the doors up.
    pub fn new(app: App) -> Result<Self, DoorsError> {
        let config = &app.config;
        let mut assets = Assets::new(config.server.public_url.mount());
        let mut logos = HashMap::new();
        let of_providers = config.directory.iter().filter_map(|provider| provider.logo.as_ref());
        let of_services = config.rules.iter().filter_map(|rule| rule.logo.as_ref());
        for file in of_providers.chain(of_services) {
            if !logos.contains_key(file) {
                logos.insert(file.clone(), add(&mut assets, Path::new(file))?);
            }
        }
        let (brand, favicon) = (assets.brand(), assets.favicon());
        let chrome = Chrome {
            base: config.server.public_url.mount().to_owned(),
            css: assets.css(),
            js: assets.js(),
            site_name: config.site.name.clone(),
            logo: mark(&mut assets, &config.site.logo, brand)?,
            favicon: mark(&mut assets, &config.site.favicon, favicon)?,
            help: config.site.help.clone(),
        };
        Ok(Self { assets: Arc::new(assets), chrome: Arc::new(chrome), logos: Arc::new(logos), app })
    }

    /// The address of a picture that the configuration names.
    pub fn logo(&self, file: Option<&String>) -> Option<&str> {
        self.logos.get(file?).map(String::as_str)
    }
}

fn mark(assets: &mut Assets, mark: &Mark, built_in: String) -> Result<Option<String>, DoorsError> {
    Ok(match mark {
        Mark::BuiltIn => Some(built_in),
        Mark::None => None,
        Mark::File(file) => Some(add(assets, file)?),
    })
}

fn add(assets: &mut Assets, file: &Path) -> Result<String, DoorsError> {
    let bytes = std::fs::read(file).map_err(|source| DoorsError { file: file.to_owned(), source })?;
    let kind = Kind::of(&file.to_string_lossy()).unwrap_or(Kind::Png);
    Ok(assets.add_logo(bytes, kind))
}
