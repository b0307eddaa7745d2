//! Roots that chains may lead to: those of this system, and those of files that somebody names.
//!
//! Files are read before anything is asked, for a wrong one is a mistake to be told at once. The system's are some
//! hundred files, and are read while the first endpoints are asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::target::Endpoints;

/// Roots that chains may lead to.
#[derive(Clone, Debug, Default)]
pub(super) struct Roots(Option<Arc<RootCertStore>>);

impl Roots {
    /// Those of a store.
    pub(super) fn of(store: RootCertStore) -> Roots {
        Roots((!store.is_empty()).then(|| Arc::new(store)))
    }

    /// Those that there are.
    pub(super) fn store(&self) -> Option<&RootCertStore> {
        self.0.as_deref()
    }
}

/// The roots for every target.
pub(super) struct AllRoots {
    /// Those that hold for all, beside the system's.
    common: RootCertStore,
    /// Those that only some targets name.
    own: BTreeMap<PathBuf, RootCertStore>,
    whole: OnceLock<BTreeMap<Option<PathBuf>, Roots>>,
}

impl AllRoots {
    /// Reads the files that endpoints name.
    ///
    /// # Errors
    /// When one cannot be read, or holds no root.
    pub(super) fn of(endpoints: &Endpoints) -> Result<AllRoots, String> {
        let mut common = RootCertStore::empty();
        for file in &endpoints.ca {
            common.extend(read(file)?.roots);
        }
        let mut own = BTreeMap::new();
        for file in endpoints.targets.iter().filter_map(|target| target.ca.as_ref()) {
            if !own.contains_key(file) {
                own.insert(file.clone(), read(file)?);
            }
        }
        Ok(AllRoots { common, own, whole: OnceLock::new() })
    }

    /// Those for a target that names this file, or none; the first call reads the system's.
    pub(super) fn for_file(&self, file: Option<&PathBuf>) -> Roots {
        let whole = self.whole.get_or_init(|| {
            let mut store = RootCertStore::empty();
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            store.extend(self.common.roots.iter().cloned());
            let with = |own: &RootCertStore| {
                let mut store = store.clone();
                store.extend(own.roots.iter().cloned());
                Roots::of(store)
            };
            let own = self.own.iter().map(|(file, own)| (Some(file.clone()), with(own))).collect::<Vec<_>>();
            own.into_iter().chain([(None, Roots::of(store))]).collect()
        });
        whole.get(&file.cloned()).cloned().unwrap_or_default()
    }
}

/// The roots in a PEM file.
fn read(file: &Path) -> Result<RootCertStore, String> {
    let wrong = |why: String| format!("{}: {why}", file.display());
    let mut store = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| wrong(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        store.add(certificate).map_err(|_| wrong("a certificate in it cannot be a root".to_owned()))?;
    }
    if store.is_empty() {
        return Err(wrong("there is no certificate in it".to_owned()));
    }
    Ok(store)
}
