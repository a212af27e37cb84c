SELECT format FROM @journal@whimbrel_meta
