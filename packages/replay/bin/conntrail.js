#!/usr/bin/env node
import "../dist/bundle/conntrail.js";
