#!/bin/sh
echo @name@
