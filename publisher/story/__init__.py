"""The whole life of one alert, headless: what would the hub have done with this file?"""
