//! Recipes: `repology.json`, alone or with the per-package files.
