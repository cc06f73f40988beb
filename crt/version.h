// crt/version.h: which Ringlet this is.
#pragma once

#define RINGLET_VERSION "0.1.0"
