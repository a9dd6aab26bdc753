-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA1

{
"answer":42,
"dashes":[
- -1,
- -2
]
}
-----BEGIN PGP SIGNATURE-----

iIoEARYCADIWIQTZmJyE3kVkxEOt1WH5YyszeFofsAUCZ51kABQcYnVpbGRlckBl
eGFtcGxlLm9yZwAKCRD5YyszeFofsEduAP9Oo2pwrwk0m31P3xjRcaNKLWxOv55i
ohv6z7vxt276AwD9ELNBneBCe8fLRHvta6+9NzYSAHQKRdohv4U8nDjjjgI=
=JWpR
-----END PGP SIGNATURE-----
