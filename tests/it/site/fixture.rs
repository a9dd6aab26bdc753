//! Hand-made modules in the shape of real ones: software with targets and accelerators,
//! extensions that lie in it, dependencies by replay. No sentence here is upstream's.

use std::collections::BTreeMap;

use warecat::catalog::{ModuleEntry, ModuleKey, ReleaseEntry};
use warecat::code::Code;
use warecat::model::codec::encode;
use warecat::model::{
    BytesCid, Mirrors, MirrorsCapsule, Module, ModuleCapsule, ModuleName, Plot, Record, RecordCapsule, Release, Value,
    WareId,
};
use warecat::site::{LoadError, Modules};

pub(crate) const CPUS: &[&str] = &[
    "aarch64-a64fx",
    "aarch64-generic",
    "aarch64-neoverse_n1",
    "aarch64-neoverse_v1",
    "aarch64-nvidia-grace",
    "x86_64-amd-zen2",
    "x86_64-amd-zen3",
    "x86_64-amd-zen4",
    "x86_64-generic",
    "x86_64-intel-cascadelake",
    "x86_64-intel-haswell",
    "x86_64-intel-icelake",
    "x86_64-intel-sapphirerapids",
    "x86_64-intel-skylake_avx512",
];

/// A module that is being made.
pub(crate) struct Draft {
    pub(crate) entry: ModuleEntry,
}

impl Draft {
    pub(crate) fn new(name: &str) -> Self {
        let name: ModuleName = name.parse().unwrap();
        let cid = ModuleCapsule::V1(Module::new(name.clone())).cid();
        Self {
            entry: ModuleEntry {
                name,
                cid,
                metadata: Default::default(),
                releases: Vec::new(),
                mirrors: Mirrors::default(),
                replays: BTreeMap::new(),
                records: BTreeMap::new(),
            },
        }
    }

    pub(crate) fn meta(mut self, key: &str, value: &str) -> Self {
        self.entry.metadata.insert(key.into(), value.into());
        self
    }

    pub(crate) fn release(mut self, name: &str, make: impl FnOnce(&mut Draft, &mut Release)) -> Self {
        let mut release = Release::new(name.parse().unwrap());
        make(&mut self, &mut release);
        let cid = release.cid();
        self.entry.releases.push(ReleaseEntry { cid, release });
        self
    }

    pub(crate) fn replay(&mut self, release: &mut Release, origin: &str, plot: Plot) {
        let cid = plot.cid();
        release.metadata.insert("replay".into(), cid.to_string());
        release.metadata.insert("replay-origin".into(), origin.into());
        self.entry.replays.insert(cid, plot);
    }

    pub(crate) fn record(&mut self, release: &mut Release, json: &str) {
        let data: Value = serde_json::from_str(json).unwrap();
        let record = Record { kind: "eessi.version".into(), data };
        let cid = RecordCapsule::V1(record.clone()).cid();
        release.metadata.insert("record".into(), cid.to_string());
        self.entry.records.insert(cid, record);
    }

    pub(crate) fn done(mut self) -> ModuleEntry {
        let mut module = Module::new(self.entry.name.clone());
        module.metadata = self.entry.metadata.clone();
        module.releases = self.entry.releases.iter().map(|r| (r.release.release_name.clone(), r.cid.clone())).collect();
        self.entry.cid = ModuleCapsule::V1(module).cid();
        self.entry
    }
}

/// A ware that names a place.
pub(crate) fn place_ware(path: &str) -> WareId {
    format!("cvmfs:{}", BytesCid::of_bytes(path.as_bytes())).parse().unwrap()
}

/// A plot that loads modules and builds one.
pub(crate) fn plot(inputs: &[String], command: &str) -> Plot {
    let mut json = String::from("{\"inputs\":{");
    for (at, input) in inputs.iter().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        json.push_str(&format!("{comma}\"input-{at}\":{}", serde_json::to_string(input).unwrap()));
    }
    json.push_str("},\"steps\":{\"build\":{\"protoformula\":{\"inputs\":{");
    for at in 0..inputs.len() {
        let comma = if at > 0 { "," } else { "" };
        json.push_str(&format!("{comma}\"/pkg/{at}\":\"pipe::input-{at}\""));
    }
    let command = serde_json::to_string(command).unwrap();
    json.push_str(&format!(
        "}},\"action\":{{\"exec\":{{\"command\":[\"/bin/sh\",\"-c\",{command}]}}}},\
         \"outputs\":{{\"out\":{{\"from\":\"/out\",\"packtype\":\"tar\"}}}}}}}}}},\
         \"outputs\":{{\"out\":\"pipe:build:out\"}}}}"
    ));
    serde_json::from_str(&json).unwrap()
}

/// A release of EESSI software at some targets.
pub(crate) fn eessi_release(
    draft: Draft,
    software: &str,
    version: &str,
    accelerators: &[&str],
    needs: &[String],
) -> Draft {
    let toolchain = version.split_once('-').map_or("system/system".into(), |(_, rest)| rest.replacen('-', "/", 1));
    let base = "versions/2023.06/software/linux";
    draft.release(version, |draft, release| {
        for cpu in CPUS {
            let dir = cpu.replacen('-', "/", 2);
            let mut targets = vec![(cpu.to_string(), format!("{base}/{dir}/software/{software}/{version}"))];
            if !accelerators.is_empty() {
                targets.clear();
            }
            for cc in accelerators {
                targets.push((format!("{cpu}-nvidia-{cc}"), format!("{base}/{dir}/accel/nvidia/{cc}/software/{software}/{version}")));
            }
            for (label, path) in targets {
                let ware = place_ware(&path);
                let address = format!("cvmfs://software.eessi.io/{path}").parse().unwrap();
                draft.entry.mirrors.add_by_ware(&ware, address);
                release.items.insert(label.parse().unwrap(), ware);
            }
        }
        release.metadata.insert("version".into(), version.split('-').next().unwrap().into());
        release.metadata.insert("toolchain".into(), toolchain);
        release.metadata.insert("module".into(), format!("{software}/{version}"));
        release.metadata.insert("source".into(), "eessi".into());
        let required: Vec<String> = needs
            .iter()
            .map(|need| {
                let mut parts = need.split(':');
                let (module, version) = (parts.next().unwrap(), parts.next().unwrap());
                let name = module.rsplit('/').next().unwrap();
                format!("{{\"full_module_name\":\"{name}/{version}\",\"module_name\":\"{name}\",\"module_version\":\"{version}\"}}")
            })
            .collect();
        draft.record(release, &format!(
            "{{\"homepage\":\"https://{}.example\",\"license\":[],\"image\":\"\",\"toolchain_families_compatibility\":[\"2023b_foss\"],\"module\":{{\"full_module_name\":\"{software}/{version}\",\"module_name\":\"{software}\",\"module_version\":\"{version}\"}},\"required_modules\":[{}],\"cpu_arch\":[\"x86_64/amd/zen2\",\"x86_64/generic\"]}}",
            software.to_lowercase(), required.join(",")
        ));
        if !needs.is_empty() {
            let inputs: Vec<String> = needs.iter().map(|need| format!("catalog:{need}")).collect();
            let plot = plot(&inputs, &format!("eb {software}-{version}.eb --robot"));
            draft.replay(release, "derived", plot);
        }
    })
}

/// A release of an extension, with its parent's wares.
pub(crate) fn extension_release(draft: Draft, kind: &str, version: &str, parent: (&str, &str, &str)) -> Draft {
    let (module, software, parent_version) = parent;
    draft.release(&format!("{version}-{software}-{parent_version}"), |draft, release| {
        for cpu in CPUS {
            let dir = cpu.replacen('-', "/", 2);
            let path = format!("versions/2023.06/software/linux/{dir}/software/{software}/{parent_version}");
            release.items.insert(cpu.parse().unwrap(), place_ware(&path));
        }
        release.metadata.insert("version".into(), version.into());
        release.metadata.insert("kind".into(), kind.into());
        release.metadata.insert("parent".into(), format!("{module}:{parent_version}"));
        release.metadata.insert("source".into(), "eessi".into());
        draft
            .record(release, &format!("{{\"version\":\"{version}\",\"homepage\":\"https://cran.example/{version}\"}}"));
    })
}

/// The key of a module that is only in memory.
pub(crate) fn key(entry: &ModuleEntry) -> ModuleKey {
    let mirrors = encode(&MirrorsCapsule::V1(entry.mirrors.clone()));
    ModuleKey::of(entry.cid.as_str().as_bytes(), Some(&mirrors))
}

/// Serves modules from memory.
pub(crate) fn serve<T>(entries: &[ModuleEntry], with: impl FnOnce(&Modules<'_>) -> T) -> T {
    let by_name: BTreeMap<_, _> = entries.iter().map(|entry| (entry.name.clone(), entry)).collect();
    let key = |name: &ModuleName| Ok(by_name.get(name).map(|entry| key(entry)));
    let load = |name: &ModuleName| match by_name.get(name) {
        Some(entry) => Ok(Some((self::key(entry), (*entry).clone()))),
        None => Err(LoadError { code: Code::NotFound, message: format!("{name} is not there") }),
    };
    with(&Modules { names: by_name.keys().cloned().collect(), key: &key, load: &load })
}

/// A small catalog: GROMACS and what it needs, R with extensions, a Spack and a tar module.
pub(crate) fn small() -> Vec<ModuleEntry> {
    let e = |name: &str| format!("eessi.io/2023.06/{name}");
    let need = |name: &str, version: &str| format!("{}:{version}:x86_64-generic", e(name));
    let gcc = Draft::new(&e("gcc")).meta("name", "GCC").meta("description", "Compilers for several languages.");
    let gcc = eessi_release(gcc, "GCC", "13.2.0", &[], &[]).done();
    let openmpi = Draft::new(&e("openmpi")).meta("name", "OpenMPI").meta("description", "Message passing.");
    let openmpi = eessi_release(openmpi, "OpenMPI", "4.1.6-GCC-13.2.0", &[], &[need("gcc", "13.2.0")]).done();
    let gromacs = Draft::new(&e("gromacs"))
        .meta("name", "GROMACS")
        .meta("description", "Simulates how molecules move.\n\nThis text was made for a test: it has two paragraphs, and says nothing that upstream says.")
        .meta("homepage", "https://gromacs.example/")
        .meta("license", "LGPL-2.1-or-later");
    let needs = [need("gcc", "13.2.0"), need("openmpi", "4.1.6-GCC-13.2.0"), need("java", "17")];
    let gromacs = eessi_release(gromacs, "GROMACS", "2024.1-foss-2023b", &[], &needs);
    let gromacs = eessi_release(gromacs, "GROMACS", "2024.4-foss-2023b", &[], &needs);
    let gromacs = eessi_release(gromacs, "GROMACS", "2024.4-foss-2023b-CUDA-12.4.0", &["cc70", "cc80", "cc90"], &needs);
    let gromacs = gromacs
        .release("2023.0-foss-2022b", |draft, release| {
            release.items.insert("x86_64-generic".parse().unwrap(), place_ware("old"));
            release.metadata.insert("yanked".into(), "wrong forces on some systems".into());
            draft.record(release, "{\"note\":\"an old one\"}");
        })
        .done();
    let r = Draft::new(&e("r"))
        .meta("name", "R")
        .meta("description", "A language for statistics.")
        .meta("homepage", "(none)");
    let r = eessi_release(r, "R", "4.3.2-gfbf-2023a", &[], &[need("gcc", "13.2.0")]);
    let r = eessi_release(r, "R", "4.4.1-gfbf-2023b", &[], &[need("gcc", "13.2.0")]).done();
    let mut entries = vec![gcc, openmpi, gromacs, r];
    for (at, name) in ["Rcpp", "ggplot2", "data.table", "MASS", "Matrix", "zoo"].iter().enumerate() {
        let draft = Draft::new(&e(&format!("ext/r/{}", name.to_lowercase()))).meta("name", name);
        let draft = extension_release(draft, "r", &format!("1.{at}.0"), (&e("r"), "R", "4.3.2-gfbf-2023a"));
        entries.push(extension_release(draft, "r", &format!("1.{at}.1"), (&e("r"), "R", "4.4.1-gfbf-2023b")).done());
    }
    entries.push(warpforge_module());
    entries
}

fn warpforge_module() -> ModuleEntry {
    Draft::new("warpsys.org/bash")
        .meta("description", "A shell.")
        .release("v5.1.16", |draft, release| {
            let ware: WareId =
                "tar:4z9DCTxoKkStqXQRwtf9nimpfQQ36dbndDsAPCQgECfbXt3edanUrsVKCjE9TkX2v9".parse().unwrap();
            draft.entry.mirrors.add_by_ware(&ware, "https://warpsys.example/bash.tgz".parse().unwrap());
            release.items.insert("amd64".parse().unwrap(), ware);
            release.metadata.insert("date".into(), "2022-01-05".into());
            let mut plot = plot(&["catalog:warpsys.org/gcc:v11:amd64".into()], "make install");
            plot.inputs.insert("host".into(), "mount:ro:/usr".parse().map(warecat::model::PlotInput::Simple).unwrap());
            draft.replay(release, "published", plot);
        })
        .done()
}

/// Images: of a registry, for two platforms; as an artifact; and on a disk.
pub(crate) fn images() -> Vec<ModuleEntry> {
    let image = |draft: &mut Draft, release: &mut Release, label: &str, packtype: &str, address: &str| {
        let ware: WareId = format!("{packtype}:{}", BytesCid::of_bytes(address.as_bytes())).parse().unwrap();
        draft.entry.mirrors.add_by_ware(&ware, address.parse().unwrap());
        release.items.insert(label.parse().unwrap(), ware);
    };
    let registry =
        |name: &str, byte: &str| format!("oci://registry.example:5000/hpc/{name}@sha256:{}", byte.repeat(32));
    vec![
        Draft::new("registry.example/hpc/python/image")
            .meta("name", "hpc/python")
            .release("3.11", |draft, release| {
                image(draft, release, "linux-amd64", "oci", &registry("python", "ab"));
                image(draft, release, "linux-arm64-v8", "oci", &registry("python", "cd"));
            })
            .done(),
        Draft::new("registry.example/hpc/tool/image")
            .release("1.0", |draft, release| image(draft, release, "linux-amd64", "sif", &registry("tool", "ef")))
            .done(),
        Draft::new("disk.example/tool")
            .release("1.0", |draft, release| {
                image(draft, release, "linux-amd64", "sif", "file:///shared/images/tool_1.0.sif")
            })
            .release("0.9", |draft, release| {
                image(draft, release, "linux-amd64", "sif", "file:///shared/$(id)/tool_0.9.sif")
            })
            .done(),
    ]
}
