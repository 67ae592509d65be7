"""No protected value comes out anywhere: canaries are planted in every place there is, and a stranger crawls it all."""
