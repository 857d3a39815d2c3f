//! Style, script and pictures. All of it is known when the configuration is loaded; a name holds
//! the hash of its content, so browsers may keep it for good.

use std::collections::BTreeMap;

use axum::body::Body;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode};
use sha2::{Digest, Sha256};

use crate::config::picture::Kind;

const CSS: &[u8] = include_bytes!("../../assets/gateway.css");
/// One file for browsers; the rules of the search stand alone, where a test can have them.
const JS: &str = concat!(
    "(function () {\n\"use strict\";\n",
    include_str!("../../assets/search.js"),
    include_str!("../../assets/picker.js"),
    include_str!("../../assets/gateway.js"),
    "})();\n",
);
const BRAND: &[u8] = include_bytes!("../../assets/brand.svg");
const FAVICON: &[u8] = include_bytes!("../../assets/favicon.svg");

/// Opened by itself a picture may do nothing at all, whatever our check of it has missed.
const PICTURE_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// Something that is served as it is.
#[derive(Debug, Clone)]
pub struct Asset {
    pub bytes: Bytes,
    pub content_type: &'static str,
}

/// All of them, by file name below `{base}/static/`.
#[derive(Debug, Clone)]
pub struct Assets {
    folder: String,
    files: BTreeMap<String, Asset>,
    css: String,
    js: String,
    brand: String,
    favicon: String,
}

impl Assets {
    /// What is compiled in. `base` is the mount path: `/cas`, or empty.
    pub fn new(base: &str) -> Self {
        let mut assets = Self {
            folder: format!("{base}/static/"),
            files: BTreeMap::new(),
            css: String::new(),
            js: String::new(),
            brand: String::new(),
            favicon: String::new(),
        };
        assets.css = assets.add("gateway", "css", "text/css; charset=utf-8", Bytes::from_static(CSS));
        assets.js =
            assets.add("gateway", "js", "text/javascript; charset=utf-8", Bytes::from_static(JS.as_bytes()));
        assets.brand = assets.add("brand", "svg", "image/svg+xml", Bytes::from_static(BRAND));
        assets.favicon = assets.add("favicon", "svg", "image/svg+xml", Bytes::from_static(FAVICON));
        assets
    }

    /// URL path of the style.
    pub fn css(&self) -> String {
        self.css.clone()
    }

    /// URL path of the script.
    pub fn js(&self) -> String {
        self.js.clone()
    }

    /// URL path of the mark that stands in for a missing `[site] logo`.
    pub fn brand(&self) -> String {
        self.brand.clone()
    }

    /// URL path of the icon that stands in for a missing `[site] favicon`.
    pub fn favicon(&self) -> String {
        self.favicon.clone()
    }

    /// Takes a logo in that was checked when the files were read; gives its URL path. The same picture
    /// twice is one file.
    pub fn add_logo(&mut self, bytes: Vec<u8>, kind: Kind) -> String {
        match kind {
            Kind::Svg => self.add("logo", "svg", "image/svg+xml", bytes.into()),
            Kind::Png => self.add("logo", "png", "image/png", bytes.into()),
        }
    }

    /// The file of that name below `{base}/static/`.
    pub fn get(&self, file_name: &str) -> Option<&Asset> {
        self.files.get(file_name)
    }

    fn add(&mut self, stem: &str, ending: &str, content_type: &'static str, bytes: Bytes) -> String {
        let name = format!("{stem}.{}.{ending}", short_hash(&bytes));
        let path = format!("{}{name}", self.folder);
        self.files.insert(name, Asset { bytes, content_type });
        path
    }
}

/// 16 hexadecimal digits: enough to tell versions apart, and no two logos meet by chance.
fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The answer to `GET {base}/static/{name}`.
pub fn answer(assets: &Assets, name: &str) -> Response<Body> {
    let Some(asset) = assets.get(name) else {
        let mut missing = Response::new(Body::empty());
        *missing.status_mut() = StatusCode::NOT_FOUND;
        missing.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        return missing;
    };
    let mut response = Response::new(Body::from(asset.bytes.clone()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if asset.content_type.starts_with("image/") {
        headers.insert(CONTENT_SECURITY_POLICY, PICTURE_POLICY);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compiled_in_is_served_for_good() {
        let assets = Assets::new("/cas");
        let name = assets.css().strip_prefix("/cas/static/").expect("below the mount path").to_owned();
        let css = answer(&assets, &name);
        assert_eq!(css.status(), StatusCode::OK);
        assert_eq!(css.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(css.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(css.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(css.headers().get(CONTENT_SECURITY_POLICY).is_none());
        assert_eq!(name.len(), "gateway..css".len() + 16);
        for wrong in ["gateway.css", "", "../Cargo.toml", "gateway.0000000000000000.css"] {
            assert_eq!(answer(&assets, wrong).status(), StatusCode::NOT_FOUND, "{wrong:?}");
        }
    }

    #[test]
    fn a_logo_is_served_and_may_do_nothing_by_itself() {
        let mut assets = Assets::new("");
        let path = assets.add_logo(b"picture".to_vec(), Kind::Png);
        assert_eq!(assets.add_logo(b"picture".to_vec(), Kind::Png), path, "one file");
        let served = answer(&assets, path.strip_prefix("/static/").expect("our folder"));
        assert_eq!(served.headers()[CONTENT_TYPE], "image/png");
        assert!(served.headers().contains_key(CONTENT_SECURITY_POLICY));
    }

    #[test]
    fn style_and_script_stay_light() {
        // Under 8 KB and 3 KB once compressed; text like this shrinks to less than a third.
        assert!(CSS.len() < 24_000 && JS.len() < 9_000, "{} {}", CSS.len(), JS.len());
    }
}
