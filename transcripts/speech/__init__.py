"""From the sound of one track to text: cutting into utterances, and the engines that recognise them."""
