#!/usr/bin/env -S straylight dhall eval
1