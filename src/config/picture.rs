//! Logos: what may be served from our origin. Looked at when the files are read, so that `check` names
//! the key; looked at again by nobody.

mod svg;

pub use svg::SvgProblem;

/// A logo is a small picture of 48 pixels: its largest size in bytes.
pub const LARGEST: usize = 64 * 1024;

const PNG_MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The kinds of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// SVG without anything that runs, fetches or leads anywhere.
    Svg,
    /// PNG.
    Png,
}

impl Kind {
    /// By the ending of a file's name.
    pub fn of(file_name: &str) -> Option<Self> {
        match file_name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "svg" => Some(Self::Svg),
            "png" => Some(Self::Png),
            _ => None,
        }
    }
}

/// Why a picture is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureProblem {
    /// Over [`LARGEST`].
    #[error("the picture has {0} bytes, at most {LARGEST} are taken")]
    TooLarge(usize),
    /// Not what its name says.
    #[error("this is no PNG picture")]
    NotPng,
    /// SVG that could do something.
    #[error("this SVG picture cannot be served: {0}")]
    Svg(#[from] SvgProblem),
}

/// Whether a picture may be served.
pub fn check(bytes: &[u8], kind: Kind) -> Result<(), PictureProblem> {
    match kind {
        _ if bytes.len() > LARGEST => Err(PictureProblem::TooLarge(bytes.len())),
        Kind::Svg => Ok(svg::check(bytes)?),
        Kind::Png if bytes.starts_with(PNG_MAGIC) => Ok(()),
        Kind::Png => Err(PictureProblem::NotPng),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logos_are_small_and_what_they_claim_to_be() {
        assert_eq!(check(&[PNG_MAGIC, b"rest"].concat(), Kind::Png), Ok(()));
        assert_eq!(check(b"<svg/>", Kind::Png), Err(PictureProblem::NotPng));
        let large = vec![b' '; LARGEST + 1];
        assert_eq!(check(&large, Kind::Svg), Err(PictureProblem::TooLarge(LARGEST + 1)));
        assert_eq!(Kind::of("logos/a.b.SVG"), Some(Kind::Svg));
        assert_eq!(Kind::of("logo.gif"), None);
    }

    #[test]
    fn our_own_pictures_pass() {
        for picture in
            [&include_bytes!("../../assets/brand.svg")[..], include_bytes!("../../assets/favicon.svg")]
        {
            assert_eq!(check(picture, Kind::Svg), Ok(()));
        }
    }
}
